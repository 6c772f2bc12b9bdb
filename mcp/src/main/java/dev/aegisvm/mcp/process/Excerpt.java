package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.mcp.tool.ToolArguments;
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
public record Excerpt(
        int maxBytes, @Nullable Integer tail, @Nullable Pattern grep, boolean escapes) {
    /** Of the bytes in an answer, the end gets three times what the beginning gets. */
    private static final int PARTS = 4;

    private static final int USUAL = 16 * 1024;
    private static final long LOOK_NS = 20_000_000_000L;

    /** By which a program colours its output, or moves a terminal's cursor (ECMA-48). */
    private static final Pattern ESCAPES = Pattern.compile(
            "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)|[PX^_][^\u001b]*\u001b\\\\|["
                    + " -/]*[0-Z\\\\^-~])");
    /** Of one line, in characters; a whole one can have megabytes. */
    private static final int MAX_LINE = 4000;
    /** Of bytes that are no text, how many are shown. */
    private static final int BYTES_SHOWN = 16;
    /** So many odd characters are shown in a short text, and so large a part of a long one may be odd. */
    private static final int ODD = 16;

    private static final int ODD_PART = 10;
    /** How much more than an answer has is read, so that its last character is complete and more is seen to follow, in bytes. */
    public static final int BEYOND = 4;

    /** In the place of what is not UTF-8. */
    private static final char REPLACED = '\ufffd';

    static final String BYTES = "redirect the output to a file, and read that with encoding base64";

    public static final Excerpt WHOLE = new Excerpt(USUAL, null, null, false);

    public static Excerpt of(ToolArguments given) {
        return new Excerpt(
                given.number("max_bytes"), given.numberOrNull("tail"), pattern(given, "grep"), given.flag("escapes"));
    }

    static @Nullable Pattern pattern(ToolArguments given, String name) {
        String text = given.text(name);
        return text == null || text.isEmpty() ? null : Pattern.compile(text);
    }

    /**
     * What is shown.
     *
     * @param left where what is left out in the middle begins, or what is no text
     * @param next where that ends; the same where nothing is left out
     */
    public record Shown(String text, long left, long next) {
        /** Where to read what is left out of an output, by the name under which it is kept; null when that is nothing. */
        @Nullable
        String cursor(String output) {
            return isComplete() ? null : output + ":" + left + "-" + next;
        }

        boolean isComplete() {
            return left == next;
        }
    }

    /** How many of some bytes an answer has. */
    public int fitting(byte[] bytes) {
        return whole(bytes, Math.min(bytes.length, maxBytes));
    }

    int ofEnd() {
        return maxBytes - maxBytes / PARTS;
    }

    public boolean picks() {
        return grep != null || tail != null;
    }

    public String readable(String text) {
        return escapes || text.indexOf('\u001b') < 0
                ? text
                : ESCAPES.matcher(text).replaceAll("");
    }

    /** A line, or as much of it as an answer has. */
    public static String cut(String line) {
        return line.length() <= MAX_LINE
                ? line
                : line.substring(0, MAX_LINE) + "… (" + (line.length() - MAX_LINE) + " more characters)";
    }

    /** What is said of bytes that are no text, of which these are the first. */
    static String binary(byte[] first, long bytes) {
        String begin = HexFormat.ofDelimiter(" ").formatHex(first, 0, Math.min(BYTES_SHOWN, first.length));
        return "[… " + bytes + " bytes of binary data, starting with " + begin
                + "; redirect the output to a file, and use file_read with encoding base64 …]\n";
    }

    /** Whether more than a little of it is neither UTF-8 nor what a text has of control characters. */
    public static boolean isBinary(String text) {
        IntPredicate odd = one -> one == REPLACED || (one < ' ' && (one < 7 || one > 13) && one != 27);
        return text.chars().filter(odd).count() > Math.max(ODD, text.length() / ODD_PART);
    }

    /** What is said of a text in which bytes that are not UTF-8 were replaced; null where none were. */
    public static @Nullable String replaced(String text, String remedy) {
        long count = text.chars().filter(one -> one == REPLACED).count();
        return count == 0 ? null : count + " x U+FFFD stands for bytes that are not UTF-8; " + remedy;
    }

    /** Whether a byte is one of the later ones of a character. */
    public static boolean continues(byte one) {
        return (one & 0xc0) == 0x80;
    }

    /** Where to end before a place so that no character is cut, unless that is all there is. */
    public static int whole(byte[] bytes, int end) {
        int at = end;
        while (at > 0 && at < bytes.length && end - at < 4 && continues(bytes[at])) {
            at--;
        }
        return at == 0 || end - at >= 4 ? end : at;
    }

    /** Where to begin between two places: after the first newline if that is near, else with a whole character. */
    static int lineBegin(byte[] bytes, int begin, int end) {
        int near = begin + (end - begin) / PARTS;
        int from = begin;
        while (from < near && bytes[from] != '\n') {
            from++;
        }
        from = from < near ? from + 1 : begin;
        while (from < end && continues(bytes[from])) {
            from++;
        }
        return from;
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
}
