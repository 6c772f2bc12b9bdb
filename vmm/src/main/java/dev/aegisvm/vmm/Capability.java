package dev.aegisvm.vmm;

/** What a backend can do beyond starting and ending a VM. What is absent is refused by the daemon, never silently skipped. */
public enum Capability {
    /** A running VM can be frozen with its memory kept, and go on later. */
    PAUSE_RESUME,
    /** A stopped VM can boot again from its own disk. */
    BOOT_FROM_DISK_LAYERS,
    /** New VMs start from a saved machine state instead of booting a kernel. */
    TEMPLATE_RESTORE
}
