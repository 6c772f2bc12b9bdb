package dev.aegisvm.vmm;

/** What a backend can do beyond starting and ending a VM with a disk of its own. */
public enum Capability {
    /** A running VM can be frozen with its memory kept, and go on later. */
    PAUSE_RESUME("pause a VM", "Stop the instance instead: its disk is kept."),
    /** A VM can boot again from the disk of an earlier one. */
    BOOT_FROM_DISK_LAYERS("boot from an existing disk", "Create a new instance."),
    /**
     * A disk can be several files, each over the one before ({@link Layers}). For others it is made one raw file first.
     */
    LAYERED_DISK("use a disk of several files", "Report this as a bug: the daemon should have made it one file."),
    /** VMs start from a machine that was saved after its boot. */
    TEMPLATE_RESTORE("start a VM from a template", "VMs boot their kernel."),
    /** A VM can have another root file system than the base image. */
    IMAGE_ROOT("start a VM from an image", "Start it without an image."),
    /** A guest can mount a directory of the host. */
    SHARE("share a host directory", "Start it without a workspace, and copy files with aegis cp."),
    /** A guest can have a network interface. */
    NETWORK("give a VM a network", "Start it without a network."),
    /** A running VM can be saved with memory and disk, and others can start from what was saved. */
    SNAPSHOT("save a running VM, or start one from a snapshot", "Stop the instance, and copy the files that you need.");

    private final String ability;
    private final String hint;

    Capability(String ability, String hint) {
        this.ability = ability;
        this.hint = hint;
    }

    String ability() {
        return ability;
    }

    String hint() {
        return hint;
    }
}
