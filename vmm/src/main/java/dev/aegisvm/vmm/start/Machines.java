package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * What a hypervisor does so that VMs can start. When to do which, this package decides; it has made the disk before.
 * What is not described here is as {@link Vmm} says.
 */
public interface Machines {
    Capabilities capabilities();

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

    /** All that a machine depends on which is booted with these and saved: a text, for which no file is read. */
    String key(Launch launch);

    /**
     * Boots the kernel, and brings the network up where there is to be one.
     *
     * @param toBeSaved whether {@link Machine#save} comes later
     * @throws NotStarted if the hypervisor ended before the guest ran
     */
    Machine boot(Launch launch, boolean toBeSaved) throws VmmException;

    /**
     * Loads a saved machine and lets it run, with its network.
     *
     * @param saved what {@link Machine#save} or {@link Vm#snapshot} filled; it is mapped, and never written
     * @throws NotLoaded if what was saved is to blame
     */
    Machine load(Launch launch, Path saved) throws VmmException;

    /** Makes a machine the VM of an instance. Its disk is the file that it has, which may have another name now. */
    Vm become(Machine machine, VmSpec spec, Origin origin);

    void adopt(Path snapshot, int memoryMb, Accelerator accelerator) throws VmmException;

    /**
     * One start of a machine.
     *
     * @param spec whom it is for; its disk is there
     * @param image what the guest boots, its root file system included
     */
    record Launch(VmSpec spec, GuestImage image, Accelerator accelerator) {}

    /** A machine that runs, in a process of its own. It is no instance's VM until it becomes that ({@link #become}). */
    interface Machine {
        ProcessIdentity process();

        /** To the harness. */
        ByteChannel channel();

        CompletableFuture<VmExit> exit();

        /** How many bytes the guest has printed on its console. */
        long printed();

        /** How often the guest has used devices, and pages for the first time; empty where that is not counted. */
        OptionalLong uses() throws IOException;

        /** Stops a machine booted to be saved, and writes it with its disk to an empty directory; it stays stopped. */
        void save(Path directory) throws IOException;

        void resume() throws IOException;

        /** Ends it, and waits for that. */
        default VmExit kill() {
            process().kill(Posix.SIGKILL);
            return exit().join();
        }

        /** Ends it with all that belongs to it. */
        void discard();

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
