package dev.aegisvm.daemon.logs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts the bytes of one stream into lines, and lines into pieces of at most {@value #MAX_PIECE} bytes. Holds one unfinished
 * piece at most, however long the line.
 */
public final class LineSplitter {
    /** The longest piece, in bytes of the guest; every JSON parser takes a string of this length. */
    public static final int MAX_PIECE = 32_000;

    private static final int FIRST_CAPACITY = 256;

    private byte[] pending = new byte[FIRST_CAPACITY];
    private int filled;

    /** Where pieces go; text without a newline, U+FFFD for what is no UTF-8. */
    @FunctionalInterface
    public interface Pieces {
        /**
         * A line, or a piece of a long one.
         *
         * @param partial more of the same line follows
         */
        void piece(String text, boolean partial);
    }

    /** Takes some bytes and hands over each piece that they complete. */
    public void feed(byte[] bytes, int offset, int length, Pieces pieces) {
        int end = offset + length;
        int from = offset;
        while (from < end) {
            int newline = indexOfNewline(bytes, from, end);
            take(bytes, from, newline < 0 ? end : newline, pieces);
            if (newline < 0) {
                return;
            }
            pieces.piece(text(filled), false);
            filled = 0;
            from = newline + 1;
        }
    }

    /** The stream ended: hands over what has no newline. */
    public void end(Pieces pieces) {
        if (filled > 0) {
            pieces.piece(text(filled), false);
            filled = 0;
        }
        pending = new byte[FIRST_CAPACITY];
    }

    private void take(byte[] bytes, int from, int to, Pieces pieces) {
        int at = from;
        while (at < to) {
            if (filled == MAX_PIECE) {
                flushPartial(pieces);
            }
            int count = Math.min(to - at, MAX_PIECE - filled);
            if (filled + count > pending.length) {
                pending = Arrays.copyOf(pending, Math.min(MAX_PIECE, Math.max(filled + count, pending.length * 2)));
            }
            System.arraycopy(bytes, at, pending, filled, count);
            filled += count;
            at += count;
        }
    }

    /** A full buffer becomes a piece; a character that is cut at its end goes to the next one. */
    private void flushPartial(Pieces pieces) {
        int whole = filled - unfinishedCharacter();
        pieces.piece(text(whole), true);
        System.arraycopy(pending, whole, pending, 0, filled - whole);
        filled -= whole;
    }

    /** How many of the last bytes (0..3) begin a character of UTF-8 that needs more of them. */
    private int unfinishedCharacter() {
        for (int back = 1; back <= 3; back++) {
            int value = pending[filled - back] & 0xff;
            if (value < 0x80) {
                return 0;
            }
            if (value >= 0xc0) {
                int needs = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : 2;
                return needs > back ? back : 0;
            }
        }
        return 0;
    }

    private String text(int length) {
        return new String(pending, 0, length, StandardCharsets.UTF_8);
    }

    private static int indexOfNewline(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
