package dev.aegisvm.vmm.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The helper processes of a daemon that died. Their command lines name files in the daemon's run directory, which no
 * other home shares: that, and their program's name, is what they are known by.
 */
public final class LeftOvers {
    private static final Set<String> PROGRAMS = Set.of("qemu-system-x86", "passt", "passt.avx2", "setpriv");

    private LeftOvers() {}

    /**
     * Ends every VM and network process that was started below the run directory. The caller holds the daemon lock, so
     * none of them belongs to a living daemon.
     *
     * @return how many were ended
     */
    public static int end(Path runRoot) throws IOException {
        int ended = 0;
        for (ProcessIdentity process : find(runRoot)) {
            if (process.kill(Posix.SIGKILL)) {
                ended++;
            }
        }
        return ended;
    }

    private static List<ProcessIdentity> find(Path runRoot) throws IOException {
        List<ProcessIdentity> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit) && belongsTo(process, runRoot)) {
                    found.add(ProcessIdentity.of(Long.parseLong(name)));
                }
            }
        }
        return found;
    }

    private static boolean belongsTo(Path process, Path runRoot) {
        try {
            String program = Files.readString(process.resolve("comm")).trim();
            return PROGRAMS.contains(program)
                    && new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
                            .contains(runRoot + "/");
        } catch (IOException ended) {
            return false;
        }
    }
}
