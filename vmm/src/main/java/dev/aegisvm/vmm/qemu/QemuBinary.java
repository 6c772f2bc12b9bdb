package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.Finding;
import dev.aegisvm.vmm.VmmException;

/** The program of QEMU on this host. */
final class QemuBinary {
    /** The full binary: Debian's microvm-only build has no emulation. */
    static final String NAME = "qemu-system-" + Processor.ours().gnuName();

    static final String PACKAGE = Processor.ours() == Processor.X86_64 ? "qemu-system-x86" : "qemu-system-arm";

    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)(\\.\\d+)?");
    /** The first QEMU that counts in milliseconds until it connects again. */
    private static final int MIN_MAJOR = 9;

    private static final int MIN_MINOR = 2;
    /** QEMU 10.2. */
    private static final int FILLS_WITH_ZEROS = 1002;

    private QemuBinary() {}

    /**
     * Tells one QEMU from the next without starting it (where it is, how long, and from when), and one processor.
     * A saved machine has the rate of its time stamp counter in it, and with KVM its features too.
     */
    static String fingerprint() {
        try {
            Optional<Path> binary = Program.find(NAME);
            return binary.isEmpty()
                    ? "missing"
                    : binary.get() + ":" + Files.size(binary.get()) + ":" + Files.getLastModifiedTime(binary.get())
                            + ":" + new Machine().processor();
        } catch (IOException unreadable) {
            return "missing";
        }
    }

    /**
     * Its version, such as {@code 10.0.13}.
     *
     * @throws VmmException if it cannot be run, or is too old
     */
    static String version() throws VmmException {
        try {
            return accepted(Program.run(List.of(NAME, "--version")));
        } catch (IOException e) {
            throw new VmmException("cannot run QEMU: " + e.getMessage(), "Install it: " + Finding.install(PACKAGE), e);
        }
    }

    /** The version in what {@code --version} printed, unless it is too old. */
    static String accepted(String printed) throws VmmException {
        Matcher version = VERSION.matcher(printed);
        if (!version.find()) {
            throw new VmmException("cannot read QEMU's version from: " + printed, "Reinstall " + PACKAGE + ".");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        if (major < MIN_MAJOR || (major == MIN_MAJOR && minor < MIN_MINOR)) {
            throw new VmmException(
                    "QEMU " + major + "." + minor + " is too old: " + MIN_MAJOR + "." + MIN_MINOR
                            + " or newer is needed",
                    "Upgrade " + PACKAGE + ".");
        }
        return version.group().substring("version ".length());
    }

    /** Whether it leaves memory alone that a saved machine does not mark as written; later ones fill it with zeros. */
    static boolean mapsSavedMemory() {
        try {
            Matcher version = VERSION.matcher("version " + version());
            return version.find()
                    && Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2)) < FILLS_WITH_ZEROS;
        } catch (VmmException unknown) {
            return false;
        }
    }

    static Finding check() {
        Optional<Path> binary = Program.find(NAME);
        if (binary.isEmpty()) {
            return Finding.bad("qemu", NAME + " is missing", Finding.install(PACKAGE));
        }
        try {
            return Finding.ok("qemu", binary.get() + ", version " + version());
        } catch (VmmException obstacle) {
            return Finding.bad("qemu", binary.get() + ": " + obstacle.getMessage(), obstacle.hint());
        }
    }
}
