package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;

/**
 * That a daemon uses the cache, which several may share: a lock that all of them hold. Who has it alone, at the start, removes
 * the guests that were prepared before the current one.
 */
record CacheUse(FileChannel lock) implements Closeable {
    private static final Pattern PART = Pattern.compile("(kernel|initramfs|base|full)-[0-9a-f]{16}(\\..*)?");
    /** One that is younger may be part of a guest that is being prepared. */
    private static final Duration YOUNG = Duration.ofDays(1);

    /**
     * Begins the use of a cache, which is there; the user's other daemons may use it too.
     *
     * @param named the file that names the parts of the current guest
     */
    static CacheUse begin(Path cache, Path named) throws IOException {
        FileChannel lock = FileChannel.open(
                cache.resolve(".in-use"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock alone = lock.tryLock();
            if (alone != null) {
                removeOldGuests(cache, named);
                alone.release();
            }
            lock.lock(0, Long.MAX_VALUE, true);
        } catch (OverlappingFileLockException anotherInThisProcess) {
            // As in tests. It keeps the lock for both.
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        return new CacheUse(lock);
    }

    private static void removeOldGuests(Path cache, Path named) throws IOException {
        if (Files.notExists(named)) {
            return;
        }
        String current = Files.readString(named);
        Instant limit = Instant.now().minus(YOUNG);
        try (Stream<Path> all = Files.list(cache)) {
            for (Path each : all.filter(
                            file -> PART.matcher(file.getFileName().toString()).matches())
                    .filter(file -> !current.contains(file.getFileName().toString()))
                    .toList()) {
                if (Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
                    PrivateDirectory.remove(each);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
