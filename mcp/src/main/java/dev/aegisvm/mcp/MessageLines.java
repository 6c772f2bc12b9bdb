package dev.aegisvm.mcp;

import module java.base;
import org.jspecify.annotations.Nullable;

/** What a client sends, line by line. A line that is too long is not kept: only what tells which request it was. */
final class MessageLines {
    /** Of a line, in bytes: the heap holds several, with what is made of them. */
    static final int MAX = 8 << 20;

    private static final int ENDS = 1024;
    private static final String ID = "\"id\"\\s*:\\s*(-?\\d{1,18}|\"[^\"\\\\]{1,200}\")";
    /** An id stands at the beginning or the end of a message; a quote within a text of it has a backslash before it. */
    private static final Pattern AT_BEGINNING = Pattern.compile(
            "^\\s*\\{\\s*(?:\"jsonrpc\"\\s*:\\s*\"2\\.0\"\\s*,\\s*)?(?:\"method\"\\s*:\\s*\"[^\"]*\"\\s*,\\s*)?" + ID);

    private static final Pattern AT_END =
            Pattern.compile(ID + "\\s*(?:,\\s*\"jsonrpc\"\\s*:\\s*\"2\\.0\"\\s*)?\\}\\s*$");

    private final InputStream in;

    MessageLines(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /**
     * A line without its end.
     *
     * @param text null when it was too long
     * @param id of the request, as JSON, where the line was too long and it could be found
     */
    record Line(@Nullable String text, @Nullable String id, long bytes) {}

    /** Waits for the next line; null after the last. */
    @Nullable
    Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            line.write(next);
            if (line.size() > MAX) {
                return tooLong(line.toByteArray());
            }
            next = in.read();
        }
        return new Line(line.toString(StandardCharsets.UTF_8), null, line.size());
    }

    private Line tooLong(byte[] begin) throws IOException {
        byte[] end = new byte[ENDS];
        long bytes = begin.length;
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            end[(int) (bytes++ % ENDS)] = (byte) next;
        }
        int from = (int) (bytes % ENDS);
        String head = new String(begin, 0, ENDS, StandardCharsets.UTF_8);
        String tail = new String(end, from, ENDS - from, StandardCharsets.UTF_8)
                + new String(end, 0, from, StandardCharsets.UTF_8);
        return new Line(
                null,
                id(AT_BEGINNING.matcher(head))
                        .or(() -> id(AT_END.matcher(tail)))
                        .orElse(null),
                bytes);
    }

    private static Optional<String> id(Matcher found) {
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
