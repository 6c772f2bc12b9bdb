package dev.aegisvm.host;

import module java.base;

/**
 * A new file in a directory that others may write to, a guest among them. It has a random name of ours until it is
 * whole, is written through the descriptor that made it, and takes its place by a rename, so that nothing of theirs is
 * written to or through.
 *
 * <p>It is locked until it is closed: a process that gets the lock may remove it, since its writer was killed. A
 * process gives up all locks on a file by closing any descriptor of it (fcntl(2), F_SETLK), so none is opened again.
 */
public final class Draft implements Closeable {
    /** Before 16 hex digits. */
    private static final String PREFIX = ".aegis-";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path file;
    private final FileChannel channel;
    private boolean placed;

    private Draft(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** A name that no file of a directory has. */
    public static Path fresh(Path directory) {
        return directory.resolve(PREFIX + HexFormat.of().toHexDigits(RANDOM.nextLong()));
    }

    /** Makes one in a directory. */
    public static Draft create(Path directory, FileAttribute<?>... attributes) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        while (true) {
            Path file = fresh(directory);
            FileChannel channel = FileChannel.open(file, options, attributes);
            try {
                channel.lock();
            } catch (IOException noLocks) {
                return new Draft(file, channel); // and no other process can have one here
            }
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return new Draft(file, channel);
            }
            channel.close(); // another process took it for abandoned before it was locked
        }
    }

    /**
     * Writes a file in the place of any that there is; it is there when it is whole, and on the disk.
     *
     * @param attributes of the new file
     */
    public static void write(Path place, Content content, FileAttribute<?>... attributes) throws IOException {
        Path above = Objects.requireNonNull(place.toAbsolutePath().getParent(), "it is the root directory");
        try (HostDirectory directory = HostDirectory.open(above)) {
            Path here = directory.at(".");
            collect(here);
            try (Draft draft = create(here, attributes)) {
                content.write(draft.out());
                draft.channel.force(true);
                draft.place(here.resolve(Objects.requireNonNull(place.getFileName())));
            }
            Durable.force(here);
        }
    }

    /** Writes content to a stream; it may close it, or not. */
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    /** Removes what killed processes have left: their locks are free. */
    public static void collect(Path directory) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, PREFIX + "[0-9a-f]".repeat(16))) {
            for (Path each : left) {
                if (Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
                    removeUnlessHeld(each);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            return;
        }
    }

    private static void removeUnlessHeld(Path left) {
        try (FileChannel file = FileChannel.open(left, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = file.tryLock(0, Long.MAX_VALUE, true)) {
            if (lock != null) {
                Files.deleteIfExists(left);
            }
        } catch (IOException | OverlappingFileLockException inUse) {
            return;
        }
    }

    /** Writes to it; closing this leaves it open. */
    public OutputStream out() {
        return new FilterOutputStream(Channels.newOutputStream(channel)) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    /** Gives it its name, in the place of any file that has it. */
    public void place(Path as) throws IOException {
        Files.move(file, as, StandardCopyOption.ATOMIC_MOVE);
        placed = true;
    }

    /** Removes it unless it has its name. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (!placed) {
                Files.deleteIfExists(file);
            }
        }
    }
}
