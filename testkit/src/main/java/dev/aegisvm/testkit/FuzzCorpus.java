package dev.aegisvm.testkit;

import module java.base;

/**
 * What a parser is fuzzed with, from the test resources of its room.
 *
 * @param entries good inputs, and those that once broke it
 * @param words what its inputs are made of
 */
record FuzzCorpus(List<byte[]> entries, List<byte[]> words) {
    /** That of a parser; a dictionary is optional, and as libFuzzer reads it: a word in quotation marks in each line. */
    static FuzzCorpus of(String parser) throws IOException {
        try (Stream<Path> files = Files.list(resource(parser))) {
            List<byte[]> entries = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                entries.add(Files.readAllBytes(file));
            }
            return new FuzzCorpus(entries, words(resource(parser).resolveSibling(parser + ".dict")));
        }
    }

    private static Path resource(String parser) throws IOException {
        URL place = Thread.currentThread().getContextClassLoader().getResource("fuzz/" + parser);
        if (place == null) {
            throw new IOException("there is no corpus src/test/resources/fuzz/" + parser);
        }
        try {
            return Path.of(place.toURI());
        } catch (URISyntaxException odd) {
            throw new IOException("the corpus is at an odd place: " + place, odd);
        }
    }

    private static List<byte[]> words(Path dictionary) throws IOException {
        List<byte[]> words = new ArrayList<>();
        for (String line : Files.exists(dictionary) ? Files.readAllLines(dictionary) : List.<String>of()) {
            if (line.startsWith("\"")) {
                words.add(word(line.substring(1, line.lastIndexOf('"'))));
            }
        }
        return words;
    }

    /** A backslash stands before itself, before a quotation mark, and before an x with two digits. */
    private static byte[] word(String text) {
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\' && text.charAt(at + 1) == 'x') {
                c = (char) HexFormat.fromHexDigits(text, at + 2, at + 4);
                at += 3;
            } else if (c == '\\') {
                c = text.charAt(++at);
            }
            bytes[length++] = (byte) c;
        }
        return Arrays.copyOf(bytes, length);
    }
}
