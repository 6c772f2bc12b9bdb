package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.PrivateDirectory;

/**
 * That a daemon uses the cache, which several may share: a lock that all of them hold. Who has it alone, at the start,
 * removes the guests that were prepared before the current one.
 */
final class CacheUse {
    /** One that is younger may be part of a guest that is being prepared. */
    private static final Duration YOUNG = Duration.ofDays(1);

    private CacheUse() {}

    /** Begins the use of a home's cache, which is there, until what this returns is closed. */
    static Closeable begin(Home home) throws IOException {
        FileChannel lock = FileChannel.open(
                home.cacheLock(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock alone = lock.tryLock();
            if (alone != null) {
                removeOldGuests(home);
                alone.release();
            }
            lock.lock(0, Long.MAX_VALUE, true);
        } catch (OverlappingFileLockException anotherInThisProcess) {
            // As in tests. It keeps the lock for both.
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        return lock;
    }

    private static void removeOldGuests(Home home) throws IOException {
        if (Files.notExists(home.guestProperties())) {
            return;
        }
        String current = Files.readString(home.guestProperties());
        Instant limit = Instant.now().minus(YOUNG);
        for (Path each : PrivateDirectory.list(home.cache())) {
            if (Home.isOfGuest(each)
                    && !current.contains(each.getFileName().toString())
                    && Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
                PrivateDirectory.remove(each);
            }
        }
    }
}
