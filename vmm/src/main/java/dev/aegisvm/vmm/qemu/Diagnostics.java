package dev.aegisvm.vmm.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What QEMU printed before it ended. */
final class Diagnostics {
    private static final int LIMIT = 4096;

    private Diagnostics() {}

    /** The last 4 KiB of a log file, or a remark if it cannot be read. */
    static String tailOf(Path log) {
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
            long from = Math.max(0, file.size() - LIMIT);
            ByteBuffer tail = ByteBuffer.allocate(LIMIT);
            while (tail.hasRemaining() && file.read(tail, from + tail.position()) > 0) {
                // Until the end of the file or of the room.
            }
            return new String(tail.array(), 0, tail.position(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            return "(its output is lost: " + e.getMessage() + ")";
        }
    }
}
