package dev.aegisvm.bench;

import module java.base;

/** Tells when a daemon has made a spare machine, which it says in its log. */
final class SpareWatch implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final Path log;
    private final WatchService changes;
    private long seen;

    /** @param log the daemon's */
    SpareWatch(Path log) throws IOException {
        this.log = log;
        changes = log.getFileSystem().newWatchService();
        log.resolveSibling("").register(changes, StandardWatchEventKinds.ENTRY_MODIFY);
    }

    /** Waits for one more than were made so far. */
    void awaitNext() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        try {
            while (made(Files.readString(log)) <= seen) {
                WatchKey key = changes.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    throw new IOException("no spare machine within " + LIMIT_SECONDS + " s; the daemon's log: "
                            + Files.readString(log));
                }
                key.pollEvents();
                key.reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        seen++;
    }

    static long made(String log) {
        return log.lines()
                .filter(line -> line.matches(".* spare: a machine of .* waits, .*"))
                .count();
    }

    @Override
    public void close() throws IOException {
        changes.close();
    }
}
