package dev.aegisvm.daemon.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The kernel's own estimate, {@code MemAvailable} of {@code /proc/meminfo} (proc(5)). */
public final class ProcMeminfo implements HostMemory {
    private static final String KEY = "MemAvailable:";
    private static final long KIB_PER_MIB = 1024;

    private final Path file;

    public ProcMeminfo() {
        this(Path.of("/proc/meminfo"));
    }

    ProcMeminfo(Path file) {
        this.file = file;
    }

    @Override
    public OptionalLong availableMb() {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(KEY)) {
                    String number =
                            line.substring(KEY.length()).replace("kB", "").strip();
                    return OptionalLong.of(Long.parseLong(number) / KIB_PER_MIB);
                }
            }
            return OptionalLong.empty();
        } catch (IOException | NumberFormatException unknown) {
            return OptionalLong.empty();
        }
    }
}
