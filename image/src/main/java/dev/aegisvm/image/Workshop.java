package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;

/**
 * Where images are built: a directory with a file lock for each, called a bench, so that daemons with a common cache
 * build an image once. What is on a bench without a holder was left by a killed process.
 */
final class Workshop {
    /** Begins the name of a bench for an archive. An earlier version put those beside the others. */
    private static final String LOAD = "load-";

    private final Path images;
    private final Path benches;
    private final Path locks;
    /** The benches that this process holds or waits for: closing a file releases all of its process' locks on it. */
    private final Set<String> ours = ConcurrentHashMap.newKeySet();

    Workshop(Path directory) throws IOException {
        this.images = directory;
        this.benches = directory.resolve("making");
        this.locks = directory.resolve("locks");
        Files.createDirectories(benches);
        Files.createDirectories(locks);
    }

    /** A bench that we hold. Closing it deletes what is still on it. */
    record Bench(Path directory, Closeable end) implements AutoCloseable {
        Path result() {
            return directory.resolve("result");
        }

        Path blobs() {
            return directory.resolve("blobs");
        }

        /** For the process that makes the image: it writes nowhere else. */
        Path work() {
            return directory.resolve("work");
        }

        @Override
        public void close() throws IOException {
            end.close();
        }
    }

    Bench takeForLoad() throws ImageException {
        return take(LOAD + UUID.randomUUID());
    }

    /** Takes the bench of an image; waits while another process has it. Not for several threads at a time. */
    Bench take(String name) throws ImageException {
        // Not while a cleaning looks who has what.
        synchronized (this) {
            ours.add(name);
        }
        try {
            FileChannel file = open(name);
            try {
                file.lock();
                return prepared(file, name);
            } catch (IOException obstacle) {
                file.close();
                throw obstacle;
            }
        } catch (IOException e) {
            ours.remove(name);
            throw ImageException.storage("create the working directory of an image build", e);
        }
    }

    private Bench prepared(FileChannel file, String name) throws IOException {
        Bench bench = new Bench(benches.resolve(name), () -> {
            try (file) {
                remove(name);
            } finally {
                ours.remove(name);
            }
        });
        PrivateDirectory.remove(bench.directory);
        for (Path each : List.of(bench.result(), bench.blobs(), bench.work())) {
            Files.createDirectories(each);
        }
        return bench;
    }

    /** Removes what killed processes left. */
    synchronized void clean() throws IOException {
        for (Path bench : PrivateDirectory.list(benches)) {
            cleanUnlessHeld(bench.getFileName().toString());
        }
        // Those of images come back.
        for (Path lock :
                PrivateDirectory.list(locks).stream().filter(Workshop::isOfLoad).toList()) {
            cleanUnlessHeld(lock.getFileName().toString());
        }
        for (Path load : PrivateDirectory.list(images).stream()
                .filter(Workshop::isOfLoad)
                .toList()) {
            PrivateDirectory.remove(load);
        }
    }

    private static boolean isOfLoad(Path file) {
        return file.getFileName().toString().startsWith(LOAD);
    }

    private void cleanUnlessHeld(String name) throws IOException {
        if (ours.contains(name)) {
            return;
        }
        try (FileChannel file = open(name);
                FileLock lock = file.tryLock()) {
            if (lock != null) {
                remove(name);
            }
        }
    }

    /** Removes a bench, and its lock, which we hold, unless it is of an image: that comes back. */
    private void remove(String name) throws IOException {
        PrivateDirectory.remove(benches.resolve(name));
        if (name.startsWith(LOAD)) {
            Files.deleteIfExists(locks.resolve(name));
        }
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(locks.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
