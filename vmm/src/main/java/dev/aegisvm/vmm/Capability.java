package dev.aegisvm.vmm;

/** What a backend can do beyond starting and ending a VM with a disk of its own. */
public enum Capability {
    PAUSE_RESUME("pause a VM", "Stop the instance instead: its disk is kept."),
    BOOT_FROM_DISK_LAYERS("boot from an existing disk", "Create a new instance."),
    /**
     * A disk can be several files, each over the one before ({@link Layers}). For others it is made one raw file first.
     */
    LAYERED_DISK("use a disk of several files", "Report this as a bug: the daemon should have made it one file."),
    TEMPLATE_RESTORE("start a VM from a template", "VMs boot their kernel."),
    IMAGE_ROOT("start a VM from an image", "Start it without an image."),
    SHARE("share a host directory", "Start it without a workspace, and copy files with aegis cp."),
    NETWORK("give a VM a network", "Start it without a network."),
    SNAPSHOT("save a running VM, or start one from a snapshot", "Stop the instance, and copy the files that you need.");

    /** What a backend without it cannot do, and what its user can do instead. */
    final String ability, hint;

    Capability(String ability, String hint) {
        this.ability = ability;
        this.hint = hint;
    }
}
