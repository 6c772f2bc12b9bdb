package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;

/**
 * Starts QEMU with nothing of the host but what one VM needs.
 *
 * @param told whether the user knows which walls are missing
 */
record QemuJail(Jail jail, QemuFiles files, AtomicBoolean told) {
    Jailed start(QemuCommandLine line) throws IOException, VmmException {
        Files.createDirectories(line.nothing());
        if (line.shares().size() > 1 && !jail.hasRoot()) {
            throw new VmmException(
                    "this host allows no namespaces, so a VM can share only one host directory, not "
                            + line.shares().size(),
                    "Share one directory that contains them all, or allow namespaces (`aegis doctor` says how).");
        }
        return jail.start(files.usr(), line.cell(), line.arguments());
    }

    Map<String, String> walls() {
        Map<String, String> walls = new TreeMap<>();
        try {
            Stream.concat(jail.walls().stream(), Stream.of(jail.memory()))
                    .forEach(wall -> walls.put(wall.name(), wall.says()));
        } catch (IOException obstacle) {
            walls.put(Jail.PROGRAM, "no: " + obstacle.getMessage());
        }
        return walls;
    }

    /** Which walls VMs lack; said once. */
    Optional<String> toTell() {
        try {
            return told.getAndSet(true) ? Optional.empty() : jail.lacks();
        } catch (IOException obstacle) {
            return Optional.of(HostError.text(obstacle));
        }
    }
}
