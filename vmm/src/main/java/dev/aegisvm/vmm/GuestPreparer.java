package dev.aegisvm.vmm;

import module java.base;

/**
 * Brings a guest that is no instance's to the point where it can be saved as a template, or wait for an instance. This
 * room does not speak the harness's protocol, so the daemon lends it this. Each fails if the guest reports an error;
 * where it takes too long, the caller ends its machine.
 */
public interface GuestPreparer {
    /** Waits until the harness answers and parks it: from then on the saved machine can be woken by a new host. */
    void park(ByteChannel channel) throws IOException;

    /**
     * Mounts the root file system, sets up the way out by the gateway, runs a few processes so that what every process
     * needs is in memory, and parks.
     */
    void mountAndPark(ByteChannel channel, GuestDevices devices) throws IOException;

    /** Lets a guest whose root is mounted go through the start of a process, and parks it. */
    void warmUpAndPark(ByteChannel channel) throws IOException;
}
