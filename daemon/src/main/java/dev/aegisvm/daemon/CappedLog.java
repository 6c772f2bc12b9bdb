package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.host.OpenFile;

/**
 * The daemon's stderr when that is the log file of its home: at its limit, what is there becomes the older file and the
 * log begins anew. The file is emptied and not replaced, since it is whoever started the daemon that opened it, for
 * appending.
 */
final class CappedLog extends OutputStream {
    /** The log and the older file have at most so many bytes each. */
    static final long LIMIT = 10L * 1024 * 1024;

    private final OutputStream out;
    private final Path file;
    private final Path older;
    private final long limit;
    private long size;

    /** @param out appends to the file */
    CappedLog(OutputStream out, Path file, long limit) throws IOException {
        this.out = out;
        this.file = file;
        this.older = file.resolveSibling(file.getFileName() + ".1");
        this.limit = limit;
        this.size = Files.size(file);
    }

    /** The daemon's stderr, capped if it is this file; a terminal, a pipe or another file is not ours to empty. */
    static PrintStream stderr(Path log) throws IOException {
        return OpenFile.STDERR.is(log)
                ? new PrintStream(new CappedLog(System.err, log, LIMIT), true, StandardCharsets.UTF_8)
                : System.err;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    /** Writes it, or drops it if there is no room that can be made. */
    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (size + length > limit) {
            beginAnew();
        }
        out.write(bytes, offset, length);
        size += length;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    private void beginAnew() throws IOException {
        out.flush();
        try {
            Files.copy(file, older, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException full) {
            // Better half of what was than a disk that stays full.
            Files.deleteIfExists(older);
        }
        try (FileChannel log = FileChannel.open(file, StandardOpenOption.WRITE)) {
            log.truncate(0);
        }
        size = 0;
    }
}
