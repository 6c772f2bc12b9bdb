package dev.aegisvm.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Are the programs there that the daemon starts? */
final class ProgramChecks {
    private static final String QEMU = "qemu-system-x86_64";
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)");
    private static final int JDK = 25;

    private final String searchPath;

    ProgramChecks(Map<String, String> environment) {
        // Debian keeps the file system tools where only root's PATH leads.
        searchPath = environment.getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
    }

    void addTo(List<DoctorCheck> checks) {
        int jdk = Runtime.version().feature();
        String found = Runtime.version() + " in " + System.getProperty("java.home");
        checks.add(
                jdk >= JDK
                        ? DoctorCheck.ok("jdk", found)
                        : DoctorCheck.bad("jdk", found, install("openjdk-25-jdk-headless")));
        checks.add(qemu());
        checks.add(program("passt", "passt"));
        checks.add(program("mkfs.erofs", "erofs-utils"));
        checks.add(program("mke2fs", "e2fsprogs"));
        checks.add(program("setsid", "util-linux"));
        checks.add(program("setpriv", "util-linux"));
    }

    private DoctorCheck program(String name, String debianPackage) {
        Path path = find(name);
        return path == null
                ? DoctorCheck.bad(name, "missing", install(debianPackage))
                : DoctorCheck.ok(name, path.toString());
    }

    private DoctorCheck qemu() {
        Path path = find(QEMU);
        if (path == null) {
            return DoctorCheck.bad("qemu", QEMU + " is missing", install("qemu-system-x86"));
        }
        try {
            String printed = firstLineOf(path);
            Matcher version = VERSION.matcher(printed);
            if (!version.find()) {
                return DoctorCheck.bad("qemu", path + " says: " + printed, "reinstall qemu-system-x86");
            }
            return qemuOfVersion(path, Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
        } catch (IOException e) {
            return DoctorCheck.bad("qemu", path + " cannot be run: " + e.getMessage(), "reinstall qemu-system-x86");
        }
    }

    static DoctorCheck qemuOfVersion(Path path, int major, int minor) {
        String found = path + ", version " + major + "." + minor;
        return major > 9 || (major == 9 && minor >= 2)
                ? DoctorCheck.ok("qemu", found)
                : DoctorCheck.bad(
                        "qemu", found + " is too old", "QEMU 9.2 or newer is needed: upgrade qemu-system-x86");
    }

    private static String firstLineOf(Path program) throws IOException {
        Process process = new ProcessBuilder(program.toString(), "--version")
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        try (InputStream output = process.getInputStream()) {
            String printed = new String(output.readNBytes(4096), StandardCharsets.UTF_8);
            int end = printed.indexOf('\n');
            return end < 0 ? printed : printed.substring(0, end);
        }
    }

    private @Nullable Path find(String name) {
        for (String directory : searchPath.split(":", -1)) {
            Path path = Path.of(directory, name);
            if (!directory.isEmpty() && Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    private static String install(String debianPackage) {
        return "apt-get install --no-install-recommends " + debianPackage;
    }
}
