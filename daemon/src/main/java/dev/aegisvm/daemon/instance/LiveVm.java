package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.idle.UsageWindow.Sample;
import dev.aegisvm.vmm.*;

/** A VM whose main process was started: everything that a running instance has and a stopped one has not. */
public interface LiveVm {
    /**
     * Its main process.
     *
     * @param output completes when all that it wrote has been passed on
     * @param secrets variables for all processes; kept in memory only
     */
    record Main(GuestProcess process, CompletableFuture<Void> output, Map<String, String> secrets) {
        public Main {
            secrets = Map.copyOf(secrets);
        }
    }

    Vm vm();

    GuestSession guest();

    Main main();

    /** What its guest has used since its boot; empty when that does not answer. Blocks. */
    Optional<Sample> usage();

    Outgoing outgoing();

    /** Whether we end it ourselves, so that its end needs no explanation. */
    boolean ending();

    /** Shuts the guest down, or kills it when it does not obey; returns when its process has ended. */
    void halt();

    /** Ends the VM at once; returns when its process has ended. */
    void kill();

    /** Has the guest write to the host what it has not written to a share at this path, within a second at most. */
    void saveShares(String path);

    /** Why it cannot be paused; empty when it can. */
    default Optional<VmmException> obstacleToPause() {
        try {
            vm().capabilities().require(Set.of(Capability.PAUSE_RESUME));
            return Optional.empty();
        } catch (VmmException lack) {
            return Optional.of(lack);
        }
    }

    /** Stops its time, after a short try to save what the guest has not written yet. */
    void freeze() throws VmmException;

    /** Lets its time go on, with the right clock. */
    void thaw() throws VmmException, GuestException;

    /**
     * Saves it as it is at one moment, with its memory or the disk alone, into an empty directory; it goes on after
     * that, or stays frozen. One thing at a time is done to its time.
     */
    void save(Path directory, boolean memory) throws VmmException, IOException;

    /** Waits for the end of the VM's process, which it helps along when the guest hung up. */
    VmExit awaitGone();

    /** Why the VM ended, in one sentence. */
    String reason(VmExit exit);
}
