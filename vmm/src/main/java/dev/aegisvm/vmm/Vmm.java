package dev.aegisvm.vmm;

import module java.base;

/** A hypervisor backend: the only thing the daemon knows of how a VM comes to be. */
public interface Vmm extends AutoCloseable {
    Capabilities capabilities();

    /** What a user who starts a VM should know of this host, such as why VMs are slow on it; each said once. */
    default List<String> toTell() {
        return List.of();
    }

    /** The saved machines that it keeps on the disk for starts to come; one that is missing is made again. */
    default List<Saved> saved() {
        return List.of();
    }

    /**
     * A saved machine.
     *
     * @param used when a VM was last started from it; now, while one still maps it
     * @param discard removes it
     */
    record Saved(Path directory, Instant used, Runnable discard) {}

    /**
     * Starts a VM and blocks until it runs. The harness may still be booting: its answer to the first HELLO tells when
     * it is there.
     *
     * @throws VmmException if the VM cannot start, or needs what this backend has not; nothing of it is left behind but
     *     the disk
     */
    default Vm start(VmSpec spec) throws VmmException {
        capabilities().require(spec.needs());
        return launch(spec);
    }

    /** Does what {@link #start} says; the backend has all that the VM needs. Not to be called from elsewhere. */
    Vm launch(VmSpec spec) throws VmmException;

    /** Does now what the first start of a VM of this shape would do, and what makes the next ones fast. */
    default void prepare(VmShape shape) throws VmmException {}

    /** Tests again what this host can do, whatever was found out before. */
    default void tryAgain(VmShape shape) throws VmmException {}

    /**
     * Takes in a machine that was saved elsewhere, with its disk in the same directory; nothing of it is trusted.
     *
     * @param memoryMb how much memory it has, in MiB
     * @throws VmmException when none can go on from it here
     */
    default void adopt(Path snapshot, int memoryMb) throws VmmException {
        throw new VmmException(capabilities().backend() + " cannot import a VM that was saved on another host", "");
    }

    /** Ends what the backend keeps for starts to come. VMs that were handed out are not touched. Idempotent. */
    @Override
    void close();
}
