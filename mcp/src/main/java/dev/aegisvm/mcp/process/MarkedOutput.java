package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.mcp.tool.*;

/**
 * One output of snippets. What one writes goes on; after a mark, on a line of its own, follow pictures, each with its name in a
 * line before it, as base64 and after the mark again, and at last the mark with an exit status. Only a program that knows the mark can make it.
 * What comes after that, the next snippet shows first.
 */
final class MarkedOutput {
    private static final int MAX_PICTURES = 4;
    private static final String LEFT_OUT =
            " not shown: an answer has " + MAX_PICTURES + " at most, each of " + Picture.MAX_BYTES / 1000 + " KB and "
                    + Picture.MAX_SIDE + " pixels a side; file_read shows one in a file: ";
    private static final int MAX_NAMES = 20;
    private static final int MAX_AFTER = MAX_PICTURES * 2 * Picture.MAX_BYTES;
    private static final int STATUS_LENGTH = 64;
    private static final Excerpt BETWEEN = new Excerpt(8 << 10, null, null, true);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What came since the end of the last snippet, or before the first one. */
    private Excerpted between = new Excerpted(BETWEEN, 0);

    private Excerpted output = between;
    private long received;

    private String line = "\n" + newMark();
    /** What may be the beginning of the mark; bytes as characters. */
    private String held = "";
    /** What came with the mark and after it. */
    private final StringBuilder after = new StringBuilder();
    /** The end of what came after the mark: a status may come in pieces. */
    private String latest = "";

    private CompletableFuture<Integer> status = new CompletableFuture<>();

    /** Expects what the next snippet writes; completes with its exit status, where one is told. */
    synchronized CompletableFuture<Integer> begin(Excerpted to, String mark) {
        pass(held);
        to.write(between.shown().text().getBytes(StandardCharsets.UTF_8));
        between = new Excerpted(BETWEEN, 0);
        output = to;
        line = "\n" + mark;
        held = "";
        after.setLength(0);
        latest = "";
        status = new CompletableFuture<>();
        return status;
    }

    /** Where what the next snippet shows begins. */
    synchronized long received() {
        return received - between.end() - held.length();
    }

    static String newMark() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Takes all of some bytes. */
    synchronized void write(byte[] bytes) {
        received += bytes.length;
        String text = held + new String(bytes, StandardCharsets.ISO_8859_1);
        held = "";
        if (after.isEmpty()) {
            int at = text.indexOf(line);
            int pass = at >= 0 ? at : text.length() - begun(text);
            pass(text.substring(0, pass));
            text = text.substring(pass);
            if (at < 0) {
                held = text;
                return;
            }
        }
        after.append(text, 0, Math.min(text.length(), MAX_AFTER - after.length()));
        String recent = latest + text;
        Matcher told = Pattern.compile(line + " (\\d{1,3})\n").matcher(recent);
        if (told.find()) {
            status.complete(Integer.valueOf(told.group(1)));
        }
        latest = recent.substring(Math.max(0, recent.length() - STATUS_LENGTH));
    }

    private void pass(String bytes) {
        output.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private int begun(String text) {
        int count = Math.min(line.length() - 1, text.length());
        while (!text.endsWith(line.substring(0, count))) {
            count--;
        }
        return count;
    }

    /**
     * Nothing follows: gives what was held back on, or the pictures after the mark.
     *
     * @param notes are told what each is called, and which were left out, of which there is no more than the name, or too large a
     *     picture
     */
    synchronized List<Picture> end(List<String> notes) {
        pass(held);
        held = "";
        String marked = after.toString();
        output = between;
        Matcher told = Pattern.compile(line + " \\d{1,3}\n").matcher(marked);
        if (told.find()) {
            pass(marked.substring(told.end()));
        }
        after.setLength(0);
        after.trimToSize();
        List<Picture> shown = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (String made : marked.split(line.strip(), -1)) {
            String[] parts = made.split("\n", 3);
            // Else what is before the first mark, a status, or cut off.
            if (parts.length < 3 || !parts[0].isEmpty()) {
                continue;
            }
            String name =
                    PlainAnswer.cut(new String(parts[1].getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            Optional<Picture> picture = Picture.ofBase64(parts[2]);
            if (picture.isEmpty() || shown.size() == MAX_PICTURES) {
                left.add(name);
            } else {
                shown.add(picture.get());
                notes.add("picture " + shown.size() + ": " + name + ", "
                        + picture.get().form());
            }
        }
        if (!left.isEmpty()) {
            notes.add(left.size()
                    + (left.size() == 1 ? " picture is" : " pictures are")
                    + LEFT_OUT
                    + left.stream().limit(MAX_NAMES).collect(Collectors.joining(", ")));
        }
        return shown;
    }
}
