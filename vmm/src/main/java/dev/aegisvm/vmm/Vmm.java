package dev.aegisvm.vmm;

import java.util.Set;

/** A hypervisor backend: the only thing the daemon knows of how a VM comes to be. */
public interface Vmm extends AutoCloseable {
    /** The backend's name as {@code GET /v1/status} shows it, for example {@code qemu}. */
    String name();

    Set<Capability> capabilities();

    /**
     * Starts a VM and blocks until it runs and its guest channel is connected. The harness may still be booting: its
     * answer to the first HELLO tells when it is there.
     *
     * @throws VmmException if the VM cannot start; nothing of it is left behind but the disk
     */
    Vm start(VmSpec spec) throws VmmException;

    /** Ends what the backend keeps for starts to come. VMs that were handed out are not touched. Idempotent. */
    @Override
    void close();
}
