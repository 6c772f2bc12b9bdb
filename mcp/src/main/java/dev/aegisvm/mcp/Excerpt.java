package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What of an output goes into an answer: all of it, or else its beginning and its end, since the verdict of a long run is at its
 * end; or only its last lines, or those that match.
 *
 * @param maxBytes of one output
 * @param tail only so many of the last lines
 * @param grep only lines in which this is found
 * @param escapes with a terminal's escape codes, which are left out else
 */
record Excerpt(
        int maxBytes, @Nullable Integer tail, @Nullable Pattern grep, boolean escapes) {
    /** Of the bytes in an answer, the end gets three times what the beginning gets. */
    private static final int PARTS = 4;
    /** Of one line, in bytes, where lines are picked. */
    private static final int MAX_LINE = 4000;

    private static final int MAX_LINES = 10_000;
    private static final int USUAL = 16 * 1024;
    private static final long LOOK_NS = 20_000_000_000L;

    /** By which a program colours its output, or moves a terminal's cursor (ECMA-48). */
    private static final Pattern ESCAPES = Pattern.compile(
            "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)|[PX^_][^\u001b]*\u001b\\\\|[ -/]*[0-Z\\\\^-~])");
    /** Of bytes that are no text, how many are shown. */
    private static final int BYTES_SHOWN = 16;

    static final Excerpt WHOLE = new Excerpt(USUAL, null, null, false);

    static Excerpt of(ToolArguments given) {
        return new Excerpt(
                given.number("max_bytes"), given.numberOrNull("tail"), pattern(given, "grep"), given.flag("escapes"));
    }

    /** A regular expression that may have been given. */
    static @Nullable Pattern pattern(ToolArguments given, String name) {
        String text = given.text(name);
        return text == null || text.isEmpty() ? null : Pattern.compile(text);
    }

    /**
     * What is shown.
     *
     * @param gap where what is left out in the middle begins, or what is no text; absent where nothing is
     * @param end of what was there
     */
    record Shown(String text, OptionalLong gap, long end) {}

    Shown of(Output output) {
        return of(output, 0);
    }

    /** Of what was written from a place on. */
    Shown of(Output output, long from) {
        long written = output.written();
        Output.Piece all = output.piece(from, maxBytes);
        if (all.isBinary()) {
            return new Shown(binary(all, written - from), OptionalLong.of(from), written);
        }
        if (grep != null || tail != null) {
            return lines(output, from);
        }
        String lost = all.begin() <= from
                ? ""
                : "[… " + (all.begin() - from) + " bytes before this are not kept any more …]\n";
        if (all.end() >= written) {
            // Of what is no text, the bytes are kept for whoever wants them.
            boolean exact = all.text().indexOf('\ufffd') < 0;
            return new Shown(
                    lost + readable(all.text()), exact ? OptionalLong.empty() : OptionalLong.of(from), all.end());
        }
        Output.Piece head = output.wholeCharacters(from, maxBytes / PARTS);
        Output.Piece end =
                lineBegin(output.piece(Math.max(head.end(), written - maxBytes + maxBytes / PARTS), maxBytes));
        String text = lost + readable(head.text()) + "\n[… " + (end.begin() - head.end()) + " of " + (written - from)
                + " bytes are left out here, from " + head.end() + " on …]\n" + readable(end.text());
        return new Shown(text, OptionalLong.of(head.end()), end.end());
    }

    /** A text without what only a terminal understands. */
    private String readable(String text) {
        return escapes || text.indexOf('\u001b') < 0
                ? text
                : ESCAPES.matcher(text).replaceAll("");
    }

    private static String binary(Output.Piece piece, long bytes) {
        String begin =
                HexFormat.ofDelimiter(" ").formatHex(piece.bytes().array(), 0, Math.min(BYTES_SHOWN, piece.length()));
        return "[… " + bytes + " bytes of binary data, starting with " + begin
                + "; redirect the output to a file, and use file_read with encoding base64 …]\n";
    }

    /** A piece of an output by itself. */
    String of(Output.Piece piece) {
        return piece.isBinary() ? binary(piece, piece.length()) : readable(piece.text());
    }

    /** Begins after the first newline if that is near, else with a whole character. */
    private static Output.Piece lineBegin(Output.Piece piece) {
        int near = piece.length() / PARTS;
        int from = 0;
        while (from < near && piece.bytes().get(from) != '\n') {
            from++;
        }
        from = from < near ? from + 1 : 0;
        while (from < piece.length() && piece.continues(from)) {
            from++;
        }
        return piece.between(from, piece.length());
    }

    /** The last of the lines that are wanted, as many as fit. */
    private Shown lines(Output output, long from) {
        long end = output.written();
        Reader all = new InputStreamReader(output.kept(from, end), StandardCharsets.UTF_8);
        return new Shown(picked(new BufferedReader(all).lines().iterator()), OptionalLong.empty(), end);
    }

    private String picked(Iterator<String> all) {
        long since = System.nanoTime();
        int most = tail == null ? MAX_LINES : tail;
        Deque<String> picked = new ArrayDeque<>();
        int found = 0;
        int size = 0;
        for (int number = 1; all.hasNext(); number++) {
            String line = cut(readable(all.next()));
            if (grep == null || isIn(line, grep, since)) {
                found++;
                picked.add((grep == null ? line : number + ":" + line) + "\n");
                size += picked.getLast().length();
            }
            while (picked.size() > most || (size > maxBytes && picked.size() > 1)) {
                size -= picked.removeFirst().length();
            }
        }
        int left = (tail == null ? found : Math.min(found, most)) - picked.size();
        return (left == 0 ? "" : "[… " + left + " earlier lines are left out …]\n") + String.join("", picked);
    }

    /**
     * Whether an expression is found in a text. A group that repeats takes a step of Java's stack for each character, and some
     * take more time than there is.
     *
     * @param since when it was begun to look, by {@link System#nanoTime}; that may take 20 s
     */
    static boolean isIn(String text, Pattern wanted, long since) {
        try {
            return wanted.matcher(new Looked(text, since + LOOK_NS)).find();
        } catch (StackOverflowError tooDeep) {
            throw tooMuch();
        }
    }

    private static ApiException tooMuch() {
        return ErrorCode.BAD_REQUEST.refusal(
                "the regular expression takes too long on this output", "write it without groups that repeat");
    }

    /** A text that is looked at until some moment. */
    private static final class Looked implements CharSequence {
        private static final int LOOKS = 1 << 16;

        private final String text;
        private final long end;
        private int looks = LOOKS - 1;

        Looked(String text, long end) {
            this.text = text;
            this.end = end;
        }

        @Override
        public char charAt(int index) {
            looks++;
            if (looks % LOOKS == 0 && System.nanoTime() > end) {
                throw tooMuch();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(from, to);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static String cut(String line) {
        return line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…";
    }
}
