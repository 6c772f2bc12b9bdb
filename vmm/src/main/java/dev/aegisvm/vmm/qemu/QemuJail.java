package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.Jailed;
import dev.aegisvm.vmm.VmmException;

/** Starts QEMU with nothing of the host but what one VM needs. */
record QemuJail(Jail jail, QemuFiles files) {
    Jailed start(QemuCommandLine line) throws IOException, VmmException {
        Files.createDirectories(line.nothing());
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
}
