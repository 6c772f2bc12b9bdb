package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.mcp.ToolArguments.Argument;
import org.jspecify.annotations.Nullable;

/**
 * What of an output goes into an answer: all of it, or else its beginning and its end, since the verdict of a long run is at its
 * end; or only its last lines, or those that match.
 *
 * @param maxBytes of one output
 * @param tail only so many of the last lines
 * @param grep only lines in which this is found
 */
record Excerpt(
        int maxBytes, @Nullable Integer tail, @Nullable Pattern grep) {
    /** Of the bytes in an answer, the end gets three times what the beginning gets. */
    private static final int PARTS = 4;
    /** Of one line, in bytes, where lines are picked. */
    private static final int MAX_LINE = 4000;

    private static final int MAX_LINES = 10_000;
    private static final int LEAST = 256;
    private static final int MOST = 64 * 1024;
    private static final int USUAL = 16 * 1024;

    static final Excerpt WHOLE = new Excerpt(USUAL, null, null);

    /** The arguments by which a caller says what it wants of an output. */
    static final List<Argument> ARGUMENTS = List.of(
            new Argument("tail", Kind.number(1, MAX_LINES), false, "only the last so many lines of each output"),
            new Argument(
                    "grep", Kind.PATTERN, false, "only lines that match this regular expression, with their numbers"),
            new Argument(
                    "max_bytes",
                    Kind.number(LEAST, MOST).or(USUAL),
                    false,
                    "of each output; the middle of a longer one is left out"));

    static Excerpt of(ToolArguments given) {
        return new Excerpt(given.number("max_bytes"), given.numberOrNull("tail"), pattern(given, "grep"));
    }

    /** A regular expression that may have been given. */
    static @Nullable Pattern pattern(ToolArguments given, String name) {
        String text = given.text(name);
        return text == null || text.isEmpty() ? null : Pattern.compile(text);
    }

    /**
     * What is shown.
     *
     * @param gap where what is left out in the middle begins; absent where nothing is
     */
    record Shown(String text, OptionalLong gap) {}

    Shown of(Output output) {
        return of(output, 0);
    }

    /** Of what was written from a place on. */
    Shown of(Output output, long from) {
        if (grep != null || tail != null) {
            return new Shown(lines(output, from), OptionalLong.empty());
        }
        long written = output.written();
        if (written - from <= maxBytes && output.lost() == 0) {
            return new Shown(output.piece(from, maxBytes).text(), OptionalLong.empty());
        }
        Output.Piece head = output.wholeCharacters(from, maxBytes / PARTS);
        Output.Piece end =
                lineBegin(output.piece(Math.max(head.end(), written - maxBytes + maxBytes / PARTS), maxBytes));
        String text = head.text() + "\n[… " + (end.begin() - head.end()) + " of " + (written - from)
                + " bytes are left out here, from " + head.end() + " on …]\n" + end.text();
        return new Shown(text, OptionalLong.of(head.end()));
    }

    /** Begins after the first newline if that is near, else with a whole character. */
    private static Output.Piece lineBegin(Output.Piece piece) {
        byte[] bytes = piece.bytes();
        int from = 0;
        while (from < bytes.length / PARTS && bytes[from] != '\n') {
            from++;
        }
        from = from < bytes.length / PARTS ? from + 1 : 0;
        while (from < bytes.length && Output.continues(bytes[from])) {
            from++;
        }
        return new Output.Piece(Arrays.copyOfRange(bytes, from, bytes.length), piece.begin() + from);
    }

    /** The last of the lines that are wanted, as many as fit. */
    private String lines(Output output, long from) {
        Deque<String> picked = new ArrayDeque<>();
        int most = tail == null ? MAX_LINES : tail;
        int size = 0;
        int left = 0;
        int number = 0;
        for (Iterator<String> lines = text(output, from).lines().iterator(); lines.hasNext(); ) {
            String line = lines.next();
            number++;
            String shown = line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…";
            if (grep != null && !grep.matcher(shown).find()) {
                continue;
            }
            picked.add(grep == null ? shown : number + ":" + shown);
            size += picked.getLast().length() + 1;
            while (picked.size() > most || (size > maxBytes && picked.size() > 1)) {
                size -= picked.removeFirst().length() + 1;
                left++;
            }
        }
        String before = left == 0 || (tail != null && picked.size() == tail)
                ? ""
                : "[… " + left + " earlier lines are left out …]\n";
        return picked.isEmpty() ? "" : before + String.join("\n", picked) + "\n";
    }

    /** All that is kept. */
    private static String text(Output output, long from) {
        Output.Piece first = output.piece(from, Integer.MAX_VALUE);
        Output.Piece second = output.piece(first.end(), Integer.MAX_VALUE);
        return second.bytes().length == 0 ? first.text() : first.text() + "\n" + second.text();
    }
}
