package dev.aegisvm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Does the host's kernel let VMs and their helpers run: memory, limits, namespaces, AppArmor? */
final class HostChecks {
    private static final long MIN_MEMORY_MB = 768;
    /** A VM takes about 20 of the daemon's file descriptors while it starts, and each connection one. */
    private static final long MIN_FILES = 4096;

    private static final Pattern OPEN_FILES = Pattern.compile("(?m)^Max open files +\\S+ +(\\d+|unlimited)");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: +(\\d+) kB");

    private final Path root;

    /** @param root where the host's file system is seen, {@code /} but for tests */
    HostChecks(Path root) {
        this.root = root;
    }

    void addTo(List<DoctorCheck> checks) {
        checks.add(memory());
        checks.add(openFiles());
        checks.add(namespaces());
        checks.add(appArmor());
    }

    private DoctorCheck memory() {
        OptionalLong available = number(AVAILABLE, "proc/meminfo");
        if (available.isEmpty()) {
            return DoctorCheck.note("memory", "/proc/meminfo does not say what is available", "VMs may fail to start");
        }
        long freeMb = available.getAsLong() >> 10;
        String found = freeMb + " MB available";
        return freeMb >= MIN_MEMORY_MB
                ? DoctorCheck.ok("memory", found)
                : DoctorCheck.note(
                        "memory", found, "a VM takes up to 512 MB; end programs, or start it with --memory 256M");
    }

    /** The hard limit, since Java raises the soft one to it. */
    private DoctorCheck openFiles() {
        OptionalLong limit = number(OPEN_FILES, "proc/self/limits");
        String found = limit.isEmpty() ? "no limit" : "at most " + limit.getAsLong() + " for one process";
        return limit.isEmpty() || limit.getAsLong() >= MIN_FILES
                ? DoctorCheck.ok("open files", found)
                : DoctorCheck.note(
                        "open files",
                        found + "; many VMs and connections need more",
                        "raise the hard limit, with a line in /etc/security/limits.conf: * hard nofile 65536");
    }

    /** passt locks itself into namespaces of its own, and does not run where it cannot. */
    private DoctorCheck namespaces() {
        String setting = "user.max_user_namespaces";
        boolean none =
                read("proc/sys/user/max_user_namespaces").map("0"::equals).orElse(false);
        return none
                ? DoctorCheck.bad(
                        "namespaces", setting + " is 0, and passt needs one", "sysctl -w " + setting + "=16384")
                : DoctorCheck.ok("namespaces", "allowed");
    }

    private DoctorCheck appArmor() {
        boolean enabled =
                read("sys/module/apparmor/parameters/enabled").map("Y"::equals).orElse(false);
        boolean profile = Files.exists(root.resolve("etc/apparmor.d/usr.bin.passt"));
        if (!enabled || !profile) {
            return DoctorCheck.ok("apparmor", enabled ? "has no profile of passt" : "not in force");
        }
        return DoctorCheck.ok("apparmor", "its profile of passt is in force; the sockets of VMs are below /tmp for it");
    }

    private OptionalLong number(Pattern pattern, String file) {
        Matcher matcher = pattern.matcher(read(file).orElse(""));
        return matcher.find() && !matcher.group(1).equals("unlimited")
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty();
    }

    private Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(root.resolve(file)).strip());
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
