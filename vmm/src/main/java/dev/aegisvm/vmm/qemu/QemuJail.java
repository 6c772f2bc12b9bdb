package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.Jailed;
import dev.aegisvm.vmm.VmmException;

/**
 * Starts QEMU with nothing of the host but what one VM needs.
 *
 * @param log is told when a VM lacks a wall that others have
 */
record QemuJail(Jail jail, QemuFiles files, Consumer<String> log) {
    Jailed start(QemuCommandLine line) throws IOException, VmmException {
        Files.createDirectories(line.nothing());
        Jailed qemu = jail.start(files.usr(), line.cell(), line.arguments());
        qemu.missing()
                .forEach(wall -> log.accept(
                        "the VM in " + line.runDirectory() + " has no wall '" + wall.name() + "': " + wall.reason()));
        return qemu;
    }

    /** As in {@link dev.aegisvm.vmm.Vmm}. */
    Map<String, String> walls() {
        Map<String, String> walls = new TreeMap<>();
        try {
            jail.walls().forEach(wall -> walls.put(wall.name(), wall.stands() ? "yes" : "no: " + wall.reason()));
        } catch (IOException obstacle) {
            walls.put(Jail.PROGRAM, "no: " + obstacle.getMessage());
        }
        return walls;
    }
}
