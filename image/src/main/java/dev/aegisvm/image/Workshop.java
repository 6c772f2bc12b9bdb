package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.image.rootfs.Digest;

/**
 * Where images are built: a directory with a file lock for each, called a bench, so that daemons with a common cache build
 * an image once. What is on a bench without a holder was left by a killed process.
 */
final class Workshop {
    private final Path benches;
    private final Path locks;

    Workshop(Path directory) throws IOException {
        this.benches = directory.resolve("making");
        this.locks = directory.resolve("locks");
        Files.createDirectories(benches);
        Files.createDirectories(locks);
    }

    /** A bench that we hold. Closing it deletes what is still on it. */
    static final class Bench implements AutoCloseable {
        private final FileChannel file;
        private final Path directory;

        private Bench(FileChannel file, Path directory) {
            this.file = file;
            this.directory = directory;
        }

        Path result() {
            return directory.resolve("result");
        }

        /** Everything else. */
        Path scratch() {
            return directory.resolve("scratch");
        }

        @Override
        public void close() throws IOException {
            try {
                PrivateDirectory.remove(directory);
            } finally {
                file.close();
            }
        }
    }

    /** Takes the bench of an image; waits while another process has it. Not for several threads at a time. */
    Bench take(Digest digest) throws ImageException {
        try {
            FileChannel file = open(digest.hex());
            lock(file);
            return prepared(file, digest.hex());
        } catch (IOException e) {
            throw ImageException.storage("begin to build an image", e);
        }
    }

    private void lock(FileChannel file) throws IOException {
        try {
            file.lock();
        } catch (OverlappingFileLockException cleaning) {
            synchronized (this) {
                file.lock();
            }
        }
    }

    private Bench prepared(FileChannel file, String name) throws IOException {
        Bench bench = new Bench(file, benches.resolve(name));
        PrivateDirectory.remove(bench.directory);
        Files.createDirectories(bench.result());
        Files.createDirectories(bench.scratch());
        return bench;
    }

    synchronized void clean() throws IOException {
        try (Stream<Path> left = Files.list(benches)) {
            for (Path directory : left.toList()) {
                cleanUnlessHeld(directory);
            }
        }
    }

    private void cleanUnlessHeld(Path directory) throws IOException {
        try (FileChannel file = open(directory.getFileName().toString());
                FileLock lock = file.tryLock()) {
            if (lock != null) {
                PrivateDirectory.remove(directory);
            }
        } catch (OverlappingFileLockException ours) {
            // This process uses it.
        }
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(locks.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
