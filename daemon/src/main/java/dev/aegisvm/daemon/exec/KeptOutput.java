package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.OutputCursors;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.logs.SecretMask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Both outputs of an exec, for those who read them at any time; the process never waits for these. For all threads. */
final class KeptOutput {
    private static final System.Logger LOG = System.getLogger(KeptOutput.class.getName());

    /** What a client that reads holds. */
    private static final Cost READER = new Cost(64 << 10, 1);

    private final ForeignBudget.Share share;
    private final OutputFile stdout;
    private final OutputFile stderr;
    private boolean over;

    /** @param file a path that is not used yet; what is appended to its name makes it two */
    KeptOutput(Path file, ForeignBudget.Share share) {
        this.share = share;
        this.stdout = new OutputFile(Path.of(file + ".stdout"), share);
        this.stderr = new OutputFile(Path.of(file + ".stderr"), share);
    }

    /** Bytes from a cursor on: later than asked for where those before are not kept. */
    @SuppressWarnings("ArrayRecordComponent") // Pieces are not compared.
    record Piece(byte[] bytes, long begin) {
        static Piece none(long at) {
            return new Piece(new byte[0], at);
        }

        long end() {
            return begin + bytes.length;
        }

        Piece between(long from, long to) {
            int first = Math.clamp(from - begin, 0, bytes.length);
            int last = Math.clamp(to - begin, first, bytes.length);
            return new Piece(Arrays.copyOfRange(bytes, first, last), begin + first);
        }
    }

    /** Lets another client read until that is closed. */
    ForeignBudget.Hold reader() {
        return share.hold(READER)
                .orElseThrow(() -> ErrorCode.HOST_MEMORY_LOW.refusal(
                        "too many clients read from this instance", "try again when some have left"));
    }

    private OutputFile of(LogStream stream) {
        return stream == LogStream.STDERR ? stderr : stdout;
    }

    synchronized void write(LogStream stream, byte[] bytes, int length) {
        if (!over) {
            of(stream).write(bytes, length);
            notifyAll();
        }
    }

    synchronized OutputCursors written() {
        return new OutputCursors(stdout.written(), stderr.written());
    }

    synchronized long keptBytes() {
        return Stream.of(stdout, stderr)
                .mapToLong(file -> Math.min(file.written(), OutputFile.BEGIN + OutputFile.LATEST))
                .sum();
    }

    synchronized boolean isOver() {
        return over;
    }

    /**
     * As much as fits from a cursor on, to the next byte that is not kept. The mask hides values of secrets, each byte
     * by another one; what may be the beginning of one is not there yet.
     */
    synchronized Piece read(LogStream stream, long from, int most, SecretMask mask) {
        try {
            if (!mask.hides()) {
                return of(stream).read(from, most);
            }
            Piece near = of(stream).read(from - SecretMask.LONGEST_BYTES, most + 2 * SecretMask.LONGEST_BYTES);
            Piece all = near.end() > from ? near : of(stream).read(from, most + SecretMask.LONGEST_BYTES);
            int begun = mask.cover(all.bytes());
            boolean goesOn = !over && all.end() == of(stream).written();
            return all.between(from, Math.min(Math.max(from, all.begin()) + most, all.end() - (goesOn ? begun : 0)));
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "the output of an exec cannot be read: " + obstacle);
            return Piece.none(of(stream).written());
        }
    }

    /** Waits until more was written than that, or there will be no more, for so long at most; may return before. */
    synchronized void await(OutputCursors seen, BooleanSupplier unwanted, long millis) throws InterruptedException {
        if (!over && written().equals(seen) && !unwanted.getAsBoolean()) {
            TimeUnit.MILLISECONDS.timedWait(this, millis);
        }
    }

    synchronized void wake() {
        notifyAll();
    }

    /** Nothing more is written. */
    synchronized void end() {
        over = true;
        notifyAll();
        stdout.close();
        stderr.close();
    }

    synchronized void delete() {
        end();
        stdout.delete();
        stderr.delete();
    }

    /**
     * What a process wrote to one of its outputs, in a bounded file: the first {@value #BEGIN} bytes, and the latest {@value #LATEST}.
     * A cursor is the number of bytes before it. The file is created with the first byte. Not for several threads at once.
     */
    static final class OutputFile {
        static final int BEGIN = 1 << 20;
        static final int LATEST = 3 << 20;

        private static final Set<OpenOption> NEW =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        private static final FileAttribute<?> PRIVATE =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

        private final Path path;
        private final ForeignBudget.Share share;
        /** While the process may write. */
        private @Nullable FileChannel channel;

        private ForeignBudget.@Nullable Hold hold;
        private long written;
        /** How much of that is in the file; nothing more goes there once something could not be kept. */
        private long kept;

        OutputFile(Path path, ForeignBudget.Share share) {
            this.path = path;
            this.share = share;
        }

        long written() {
            return written;
        }

        /** Keeps what comes next; what cannot be kept counts, and is lost. */
        void write(byte[] bytes, int length) {
            if (kept == written) {
                try {
                    FileChannel file = open();
                    ByteBuffer more = ByteBuffer.wrap(bytes, 0, length);
                    kept += file == null ? 0 : transfer(file, FileChannel::write, written, more);
                } catch (IOException obstacle) {
                    LOG.log(Level.WARNING, "the output of an exec cannot be kept: " + obstacle);
                }
            }
            written += length;
        }

        private @Nullable FileChannel open() throws IOException {
            if (channel == null && hold == null) {
                hold = share.hold(new Cost(0, 1)).orElse(null);
                channel = hold == null ? null : FileChannel.open(path, NEW, PRIVATE);
            }
            return channel;
        }

        /** As much as fits from a cursor on, to the next that is not kept. */
        Piece read(long from, int most) throws IOException {
            long asked = Math.clamp(from, 0, written);
            long latest = Math.max(BEGIN, kept - LATEST);
            long begin = asked < BEGIN ? asked : Math.max(asked, latest);
            if (begin >= kept) {
                return Piece.none(written);
            }
            long end = begin < BEGIN && latest > BEGIN ? BEGIN : kept;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, end - begin));
            if (channel == null) {
                try (FileChannel ended = FileChannel.open(path)) {
                    transfer(ended, FileChannel::read, begin, bytes);
                }
            } else {
                transfer(channel, FileChannel::read, begin, bytes);
            }
            return new Piece(bytes.array(), begin);
        }

        private interface Transfer {
            int apply(FileChannel file, ByteBuffer bytes, long place) throws IOException;
        }

        /** The latest bytes go round in the part of the file after the first ones. */
        private static int transfer(FileChannel file, Transfer transfer, long at, ByteBuffer bytes) throws IOException {
            int all = bytes.remaining();
            while (bytes.hasRemaining()) {
                long cursor = at + all - bytes.remaining();
                long place = cursor < BEGIN ? cursor : BEGIN + (cursor - BEGIN) % LATEST;
                long room = (cursor < BEGIN ? BEGIN : BEGIN + LATEST) - place;
                ByteBuffer part = bytes.slice(bytes.position(), (int) Math.min(room, bytes.remaining()));
                int count = transfer.apply(file, part, place);
                if (count < 0) {
                    throw new EOFException("the file of an output was cut");
                }
                bytes.position(bytes.position() + count);
            }
            return all;
        }

        /** The process writes no more. */
        void close() {
            if (hold != null) {
                hold.close();
            }
            try (FileChannel _ = channel) {
                channel = null;
            } catch (IOException obstacle) {
                LOG.log(Level.WARNING, "the output of an exec cannot be closed: " + obstacle);
            }
        }

        void delete() {
            close();
            try {
                if (kept > 0) {
                    Files.deleteIfExists(path);
                    kept = 0;
                }
            } catch (IOException obstacle) {
                LOG.log(Level.WARNING, "the output of an exec cannot be removed: " + obstacle);
            }
        }
    }
}
