package dev.aegisvm.vmm;

/** The ways a VM can come to life, fastest first. */
public enum BootMode {
    /** A machine that was restored before anybody asked, and has rehearsed a start. */
    SPARE("spare"),
    /** Restored from a saved machine whose root file system was mounted. */
    TEMPLATE("template"),
    /** Restored from a saved machine that had not touched any disk yet. */
    TEMPLATE_BARE("template-bare"),
    /** The kernel booted. */
    COLD("cold");

    private final String label;

    BootMode(String label) {
        this.label = label;
    }

    /** The name in logs and in the API. */
    public String label() {
        return label;
    }
}
