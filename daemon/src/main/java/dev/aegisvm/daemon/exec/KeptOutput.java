package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.OutputCursors;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.exec.OutputFile.Piece;
import dev.aegisvm.daemon.logs.SecretMask;
import java.lang.System.Logger.Level;

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
     * As much as fits from a cursor on, to the next byte that is not kept.
     *
     * @param mask hides values of secrets, each byte by another one; what may be the beginning of one is not there yet
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

    /** Waits until more was written than that, or there will be no more, or for so long. */
    synchronized void await(OutputCursors seen, BooleanSupplier unwanted, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = millis;
        while (left > 0 && !over && written().equals(seen) && !unwanted.getAsBoolean()) {
            TimeUnit.MILLISECONDS.timedWait(this, left);
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
    }

    synchronized void wake() {
        notifyAll();
    }

    /** Nothing more is written. */
    synchronized void end() {
        over = true;
        notifyAll();
        each(OutputFile::close);
    }

    synchronized void delete() {
        end();
        each(OutputFile::delete);
    }

    private interface Change {
        void of(OutputFile file) throws IOException;
    }

    private void each(Change change) {
        for (OutputFile file : List.of(stdout, stderr)) {
            try {
                change.of(file);
            } catch (IOException obstacle) {
                LOG.log(Level.WARNING, "the output of an exec cannot be closed or removed: " + obstacle);
            }
        }
    }
}
