package dev.aegisvm.daemon.boot;

/** The steps of a boot, in order. Their names are those of the metrics and of the log lines. */
enum BootStep {
    /** The hypervisor starts the VM; its own stages are listed in place of this one. */
    VM(1, "vm"),
    /** The harness answers. */
    HELLO(2, "hello"),
    /** The guest mounts its root file system, unless it woke up with it. */
    MOUNT(3, "mount"),
    /** The guest gets entropy, clock, name and network. */
    IDENTIFY(4, "identify"),
    /** The main process starts. */
    RUN(5, "run");

    private static final int STEPS = 5;

    private final int number;
    private final String label;

    BootStep(int number, String label) {
        this.number = number;
        this.label = label;
    }

    String label() {
        return label;
    }

    /** "3/5 mount". */
    String numbered() {
        return number + "/" + STEPS + " " + label;
    }
}
