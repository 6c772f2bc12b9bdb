package dev.aegisvm.daemon.logs;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Some entries in a row, each JSON with a newline.
 *
 * @param after the place behind them
 */
record Batch(List<ByteBuffer> lines, Position after) {
    /** Lines that stand one behind the other from a place on. */
    static Batch from(Position start, List<ByteBuffer> lines) {
        Position at = start;
        for (ByteBuffer line : lines) {
            at = at.after(line.remaining());
        }
        return new Batch(lines, at);
    }
}
