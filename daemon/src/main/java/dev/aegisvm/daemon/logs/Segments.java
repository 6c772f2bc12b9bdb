package dev.aegisvm.daemon.logs;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The files of one log: {@code <id>.ndjson} is written, {@code .1} is the one before, and so on. For all threads. */
final class Segments {
    private static final int SCAN_BYTES = 65_536;

    /**
     * A place between two entries of a log.
     *
     * @param segment number of the file, counting up over rotations
     * @param offset bytes from the file's beginning
     * @param sequence entries before this place, since the oldest that was there when the log was opened
     */
    record Position(long segment, long offset, long sequence) {
        /** The place after an entry of this line. */
        Position after(byte[] line) {
            return new Position(segment, offset + line.length + 1, sequence + 1);
        }

        Position nextSegment() {
            return new Position(segment + 1, 0, sequence);
        }
    }

    private final Path current;
    private final Retention retention;
    private final Deque<Position> beginnings = new ArrayDeque<>();
    private @Nullable FileChannel writing;
    private Position end = new Position(0, 0, 0);

    /** Finds the files that an earlier daemon left, and counts their entries. */
    Segments(Path current, Retention retention) throws IOException {
        this.current = current;
        this.retention = retention;
        int older = 0;
        while (older + 1 < retention.files() && Files.exists(name(older + 1))) {
            older++;
        }
        for (int age = older; age >= 0; age--) {
            Position beginning = new Position(older - age, 0, end.sequence());
            beginnings.addLast(beginning);
            end = Files.exists(name(age)) ? endOf(beginning, name(age)) : beginning;
        }
    }

    /** Old files may be removed at any time, the oldest first. */
    synchronized Position oldest() {
        while (beginnings.size() > 1
                && Files.notExists(
                        name((int) (end.segment() - beginnings.getFirst().segment())))) {
            beginnings.removeFirst();
        }
        return beginnings.getFirst();
    }

    /** The beginning of the newest file that begins at or before an entry. */
    synchronized Position beginningBefore(long sequence) {
        Position oldest = oldest();
        return beginnings.stream()
                .filter(beginning -> beginning.sequence() <= sequence)
                .reduce(oldest, (_, later) -> later);
    }

    synchronized Position end() {
        return end;
    }

    /** Writes whole entries; after a failure, nothing of them is in the log. */
    synchronized void write(ByteBuffer entries, int count) throws IOException {
        if (end.offset() >= retention.fileBytes()) {
            rotate();
        }
        FileChannel channel = channel();
        long at = end.offset();
        try {
            while (entries.hasRemaining()) {
                at += channel.write(entries, at);
            }
        } catch (IOException full) {
            channel.truncate(end.offset());
            throw full;
        }
        end = new Position(end.segment(), at, end.sequence() + count);
    }

    /** Opens the file of a position, for a reader of its own; null when it is no longer kept. */
    synchronized @Nullable FileChannel open(Position position) throws IOException {
        return position.segment() < oldest().segment()
                ? null
                : FileChannel.open(name((int) (end.segment() - position.segment())), StandardOpenOption.READ);
    }

    synchronized void close() throws IOException {
        if (writing != null) {
            writing.close();
            writing = null;
        }
    }

    synchronized void delete() throws IOException {
        close();
        for (int age = 0; age < retention.files(); age++) {
            Files.deleteIfExists(name(age));
        }
    }

    private FileChannel channel() throws IOException {
        if (writing == null) {
            writing = FileChannel.open(current, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            // A daemon that was killed may have left half an entry.
            writing.truncate(end.offset());
        }
        return writing;
    }

    private void rotate() throws IOException {
        close();
        Files.deleteIfExists(name(retention.files() - 1));
        for (int age = retention.files() - 2; age >= 0; age--) {
            if (Files.exists(name(age))) {
                Files.move(name(age), name(age + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        end = end.nextSegment();
        beginnings.addLast(end);
        if (beginnings.size() > retention.files()) {
            beginnings.removeFirst();
        }
    }

    private Path name(int age) {
        return age == 0 ? current : current.resolveSibling(current.getFileName() + "." + age);
    }

    /** The place after the last whole entry of a file that begins there. */
    private static Position endOf(Position beginning, Path file) throws IOException {
        long entries = 0;
        long whole = 0;
        long before = 0;
        byte[] bytes = new byte[SCAN_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(bytes); read > 0; before += read, read = in.read(bytes)) {
                for (int i = 0; i < read; i++) {
                    boolean ends = bytes[i] == '\n';
                    entries += ends ? 1 : 0;
                    whole = ends ? before + i + 1 : whole;
                }
            }
        }
        return new Position(beginning.segment(), whole, beginning.sequence() + entries);
    }
}
