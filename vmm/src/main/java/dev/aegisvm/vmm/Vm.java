package dev.aegisvm.vmm;

import module java.base;
import dev.aegisvm.host.*;

/** One virtual machine, from its start to the end of its process. Safe for use by several threads. */
public interface Vm {
    /** The VM's process, for the registry: after a crash of the daemon it is ended by this identity. */
    ProcessIdentity process();

    Capabilities capabilities();

    Origin origin();

    /** The addresses the guest has to use; empty when the VM has no network. */
    Optional<Network> network();

    /**
     * Waits for the newest blocking byte channel to the harness that was not handed out yet. The caller does the
     * handshake. A guest that connects again may leave channels that it does not answer on: the caller drops those.
     *
     * @throws IOException if there is none within the limit, or the VM ends
     */
    ByteChannel channel(Duration limit) throws IOException;

    /** Freezes the VM. It uses no CPU until {@link #resume}. */
    default void pause() throws VmmException {
        capabilities().require(Set.of(Capability.PAUSE_RESUME));
        freeze();
    }

    /** Does what {@link #pause} says; the backend can. Not to be called from elsewhere. */
    default void freeze() throws VmmException {
        signal(Posix.SIGSTOP, "paused");
    }

    /** Lets a frozen VM go on; does nothing to one that runs. */
    default void resume() throws VmmException {
        signal(Posix.SIGCONT, "resumed");
    }

    private void signal(int signal, String participle) throws VmmException {
        if (!process().kill(signal)) {
            throw new VmmException("the VM cannot be " + participle + ": its process is not running any more", "");
        }
    }

    /**
     * Saves memory, devices and disk as they are at one moment, and lets the VM go on. Where channels return
     * ({@link Capabilities#channelReturns}), the guest connects again after this, here and in each VM that starts from
     * it.
     *
     * @param directory an empty directory, on the file system of the disk; what is in it afterwards never changes,
     *     since VMs map it, and is the caller's to sync
     * @param memory whether a VM can go on from it; else there is the disk alone
     */
    default void snapshot(Path directory, boolean memory) throws VmmException {
        capabilities().require(Set.of(Capability.SNAPSHOT));
        save(directory, memory);
    }

    /** Waits for what an earlier snapshot has left to do, so that the next one need not. */
    default void settle() {}

    /** Does what {@link #snapshot} says; the backend can. Not to be called from elsewhere. */
    default void save(Path directory, boolean memory) throws VmmException {
        throw new VmmException("this backend says that it supports snapshots, but has none", "Report this as a bug.");
    }

    /** Ends the VM's process at once and frees its sockets and helper processes. Can be called again. */
    void kill();

    /** Completes, never exceptionally, as soon as the VM's process has ended for whatever reason. */
    CompletableFuture<VmExit> exit();

    /** How it ended; empty when it has not within that time. */
    default Optional<VmExit> exit(Duration limit) {
        return exit().thenApply(Optional::of)
                .completeOnTimeout(Optional.empty(), limit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
