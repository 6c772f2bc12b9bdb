package dev.aegisvm.testkit;

import module java.base;

/**
 * The corpus of a parser, and inputs that are made of it and of the words of a dictionary, as libFuzzer reads one: a word in
 * quotation marks in each line. What is random is drawn from one generator, so that its seed makes the same inputs again.
 */
final class FuzzMutation {
    private static final int MOST_STEPS = 6;
    private static final int LONGEST_INPUT = 1 << 16;
    private static final int LONGEST_REPEAT = 4096;
    /** Of the room whose tests run. */
    private static final Path RESOURCES = Path.of("src/test/resources/fuzz");

    private static final Pattern DIGITS = Pattern.compile("\\d+");
    /** In a word, a backslash stands before itself, before a quotation mark, and before an x with two digits. */
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x(..)|(.))");

    private final RandomGenerator random;
    /** Good inputs, and those that once broke the parser; each character is a byte. */
    private final List<String> corpus = new ArrayList<>();

    private final List<String> words = new ArrayList<>();

    FuzzMutation(String parser, RandomGenerator random) throws IOException {
        this.random = random;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(RESOURCES.resolve(parser))) {
            for (Path file : files) {
                corpus.add(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        Collections.sort(corpus);
        for (String line : Files.readAllLines(RESOURCES.resolve(parser + ".dict"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("\"")) {
                String word = line.substring(1, line.lastIndexOf('"'));
                words.add(ESCAPE.matcher(word).replaceAll(FuzzMutation::meaning));
            }
        }
    }

    private static String meaning(MatchResult escape) {
        String hex = escape.group(1);
        String meaning = hex == null ? escape.group(2) : Character.toString(HexFormat.fromHexDigits(hex));
        return Matcher.quoteReplacement(meaning);
    }

    List<byte[]> corpus() {
        return corpus.stream().map(FuzzMutation::bytes).toList();
    }

    private static byte[] bytes(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] next() {
        StringBuilder input = new StringBuilder(oneOf(corpus));
        for (int step = random.nextInt(MOST_STEPS); step >= 0; step--) {
            change(input);
        }
        input.setLength(Math.min(input.length(), LONGEST_INPUT));
        return bytes(input);
    }

    private String oneOf(List<String> texts) {
        return texts.get(random.nextInt(texts.size()));
    }

    private void change(StringBuilder input) {
        int at = random.nextInt(input.length() + 1);
        int length = random.nextInt(random.nextBoolean() ? 8 : input.length() + 1);
        int end = Math.min(input.length(), at + length);
        switch (random.nextInt(8)) {
            case 0 -> input.delete(at, end);
            case 1 -> input.setLength(at);
            case 2 -> input.replace(at, end, Character.toString(random.nextInt(256)));
            case 3 -> input.replace(at, end, oneOf(words));
            case 4 -> input.insert(at, repeated(input.substring(at, end)));
            case 5 -> replaceRest(input, at, oneOf(corpus));
            case 6 -> replaceBytes(input, at);
            default -> replaceDigits(input, at);
        }
    }

    private String repeated(String piece) {
        return piece.repeat(Math.min(1 << random.nextInt(10), LONGEST_REPEAT / Math.max(1, piece.length())));
    }

    private void replaceRest(StringBuilder input, int at, String other) {
        input.setLength(at);
        input.append(other, random.nextInt(other.length() + 1), other.length());
    }

    /** Puts a number of 1, 2, 4 or 8 bytes in the place of others, as the field of a header has it. */
    private void replaceBytes(StringBuilder input, int at) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(edge()).array();
        int width = 1 << random.nextInt(4);
        StringBuilder field =
                new StringBuilder(new String(number, Long.BYTES - width, width, StandardCharsets.ISO_8859_1));
        boolean littleEndian = random.nextBoolean();
        input.replace(at, Math.min(input.length(), at + width), (littleEndian ? field.reverse() : field).toString());
    }

    /** Puts a number in the place of the next one in digits. */
    private void replaceDigits(StringBuilder input, int at) {
        Matcher digits = DIGITS.matcher(input);
        if (digits.find(at)) {
            String number = Long.toString(edge(), random.nextBoolean() ? 10 : 8 << random.nextInt(2));
            input.replace(digits.start(), digits.end(), number);
        }
    }

    /** Close to a power of two, as the bounds of the types are that lengths and counts are read into. */
    private long edge() {
        long edge = (1L << random.nextInt(Long.SIZE)) + random.nextInt(-1, 2);
        return random.nextInt(4) == 0 ? -edge : edge;
    }
}
