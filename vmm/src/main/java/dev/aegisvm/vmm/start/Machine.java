package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.*;

/** A machine that runs, in a process of its own. It is no instance's VM until it becomes that ({@link Machines#become}). */
public interface Machine {
    ProcessIdentity process();

    /** To the harness. */
    ByteChannel channel();

    CompletableFuture<VmExit> exit();

    GuestDevices devices();

    /** How many bytes the guest has printed on its console. */
    long printed();

    /** How often the guest has used its devices, and pages of its memory for the first time; empty where that is not counted. */
    OptionalLong uses() throws IOException;

    /**
     * Stops a machine that was booted to be saved, and writes it to a directory; it stays stopped. What it has written to its disk
     * is in the disk's file then.
     */
    void save(Path directory) throws IOException;

    /** Lets a machine go on that was saved. */
    void resume() throws IOException;

    /** Ends it, and waits for that. */
    default VmExit kill() {
        process().kill(Posix.SIGKILL);
        return exit().join();
    }

    /** Ends it with all that belongs to it. */
    void discard();

    /** A part of what is done with a machine. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /**
     * Runs a step and kills the machine when it takes too long, which ends whatever the step waits for.
     *
     * @throws IOException the step's own, or one that names the limit
     */
    default void within(Duration limit, Step step) throws IOException {
        CompletableFuture<Void> alarm = new CompletableFuture<>();
        alarm.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).exceptionally(late -> {
            process().kill(Posix.SIGKILL);
            return null;
        });
        try {
            step.run();
        } catch (IOException e) {
            if (alarm.isCompletedExceptionally()) {
                throw new IOException("timed out after " + limit.toSeconds() + " s", e);
            }
            throw e;
        } finally {
            alarm.complete(null);
        }
    }
}
