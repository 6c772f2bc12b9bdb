package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/** The program of QEMU on this host. */
final class QemuBinary {
    /** The full binary: Debian's microvm-only build has no emulation. */
    static final String NAME = "qemu-system-" + Processor.ours().gnuName();

    static final String PACKAGE = Processor.ours() == Processor.X86_64 ? "qemu-system-x86" : "qemu-system-arm";

    private static final Pattern VERSION = Pattern.compile("version ((\\d+\\.\\d+)(\\.\\d+)?)");
    /** The first that counts in milliseconds until it connects again. */
    private static final String OLDEST = "9.2";
    /** The first that fills memory with zeros which a saved machine does not mark as written. */
    private static final String FILLS_WITH_ZEROS = "10.2";

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
        if (isBefore(version.group(1), OLDEST)) {
            throw new VmmException(
                    "QEMU " + version.group(2) + " is too old: " + OLDEST + " or newer is needed",
                    "Upgrade " + PACKAGE + ".");
        }
        return version.group(1);
    }

    private static boolean isBefore(String version, String other) {
        return ModuleDescriptor.Version.parse(version).compareTo(ModuleDescriptor.Version.parse(other)) < 0;
    }

    /** Whether it leaves memory alone that a saved machine does not mark as written. */
    static boolean mapsSavedMemory() {
        try {
            return isBefore(version(), FILLS_WITH_ZEROS);
        } catch (VmmException unknown) {
            return false;
        }
    }
}
