package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.net.GuestNetwork;

/** What a hypervisor does so that VMs can start. When to do which, this package decides; it has made the disk before. */
public interface Machines {
    Capabilities capabilities();

    /** What the names of the processes that it starts begin with. */
    Set<String> processNames();

    /** As {@link Vmm#walls} says. */
    Map<String, String> walls();

    /** What a user should know of the walls around VMs; said once. */
    Optional<String> toTell();

    /** Tells one version of the hypervisor and one processor from the next, without starting anything. */
    String version();

    /**
     * Refuses to work with this host's version.
     *
     * @throws VmmException that says what is missing or too old
     */
    void require() throws VmmException;

    /** All that a machine depends on which was booted with these, saved, and is loaded: as text, in which no file is looked at. */
    String key(Launch launch);

    /**
     * Boots the kernel.
     *
     * @param toBeSaved whether {@link Machine#save} comes later
     * @throws NotStarted if the hypervisor ended before the guest ran
     */
    Machine boot(Launch launch, boolean toBeSaved) throws VmmException;

    /**
     * Loads a saved machine and lets it run.
     *
     * @param saved what {@link Machine#save} or {@link Vm#snapshot} filled; it is mapped, and never written
     * @throws NotLoaded if what was saved is to blame
     */
    Machine load(Launch launch, Path saved) throws VmmException;

    /** Makes a machine the VM of an instance. Its disk is the file that it has, which may have another name now. */
    Vm become(Machine machine, VmSpec spec, Optional<GuestNetwork> network, Origin origin);

    /** As {@link Vmm#adopt} says. */
    void adopt(Path snapshot, int memoryMb, Accelerator accelerator) throws VmmException;

    /** The hypervisor ended, or did not come, before the guest ran. */
    final class NotStarted extends VmmException {
        public NotStarted(String message, String hint, Throwable cause) {
            super(message, hint, cause);
        }
    }

    /** A saved machine could not be loaded, and its process is gone. A boot may still work. */
    final class NotLoaded extends VmmException {
        private final boolean forItsDisk;

        /** @param forItsDisk whether the hypervisor complained of the instance's disk */
        public NotLoaded(String message, boolean forItsDisk, Throwable cause) {
            super(message, "Start from its disk only: --disk-only.", cause);
            this.forItsDisk = forItsDisk;
        }

        boolean isForItsDisk() {
            return forItsDisk;
        }
    }
}
