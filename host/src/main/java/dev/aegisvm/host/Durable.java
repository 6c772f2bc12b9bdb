package dev.aegisvm.host;

import module java.base;

/** Writes to the host's disk what a power failure must not take. */
public final class Durable {
    private Durable() {}

    /** The content of a file, or which files a directory has. */
    public static void force(Path path) throws IOException {
        try (FileChannel open = FileChannel.open(path, StandardOpenOption.READ)) {
            open.force(true);
        }
    }
}
