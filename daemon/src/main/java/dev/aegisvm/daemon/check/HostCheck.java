package dev.aegisvm.daemon.check;

import module java.base;
import dev.aegisvm.api.Build;
import dev.aegisvm.api.SystemViews.*;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/** {@code aegisd --check}: looks at each thing that a VM needs. Changes nothing, and starts no VM. */
public final class HostCheck {
    private static final int MIN_JDK = 25;
    private static final long MIN_MEMORY_MB = 768;
    /** A VM takes about 20 of the daemon's file descriptors while it starts, and each connection one. */
    private static final long MIN_FILES = 4096;

    private static final long MIN_DISK_MB = 1024;
    private static final int MAX_SOCKET_PATH = 107;

    private HostCheck() {}

    public static HostReport report(Home home, Map<String, String> environment, List<Finding> backend)
            throws IOException {
        List<Finding> findings = new ArrayList<>(List.of(jdk()));
        findings.addAll(backend);
        findings.add(Finding.program("mkfs.erofs", "erofs-utils"));
        findings.add(Finding.program("mke2fs", "e2fsprogs"));
        Program.NEEDED.forEach(name -> findings.add(Finding.program(name, "util-linux")));
        findings.addAll(places(home, environment));
        findings.addAll(resources(new Machine()));
        return HostReport.of(findings.stream()
                .map(each -> new Check(
                        each.name(),
                        each.verdict().name().toLowerCase(Locale.ROOT),
                        each.found(),
                        each.advice().orElse(null)))
                .toList());
    }

    private static Finding jdk() {
        String found = Runtime.version() + " in " + System.getProperty("java.home");
        return Runtime.version().feature() >= MIN_JDK
                ? Finding.ok("jdk", found)
                : Finding.bad("jdk", found, Finding.install("openjdk-25-jdk-headless"));
    }

    public static Finding jail(Jail jail) {
        try {
            Optional<String> lacks = jail.lacks();
            return lacks.isEmpty()
                    ? Finding.ok("jail", "all isolation layers are in force")
                    : Finding.note(
                            "jail",
                            lacks.get(),
                            "see \"In a container\" in docs/TROUBLESHOOTING.md, and SECURITY.md; require_jail = true makes the daemon refuse to start");
        } catch (IOException obstacle) {
            return Finding.bad("jail", HostError.text(obstacle), "reinstall AegisVM (in a checkout: make all)");
        }
    }

    static List<Finding> resources(Machine machine) {
        OptionalLong memory = machine.availableMemoryMb();
        String available = memory.isPresent()
                ? memory.getAsLong() + " of " + machine.memoryMb().orElse(0) + " MB available"
                : "the kernel does not report available memory";
        OptionalLong files = machine.maxOpenFiles();
        String limit = files.isPresent() ? "at most " + files.getAsLong() + " for one process" : "no limit";
        return List.of(
                memory.orElse(0) >= MIN_MEMORY_MB
                        ? Finding.ok("memory", available)
                        : Finding.note(
                                "memory",
                                available,
                                "a VM takes up to 512 MB; close programs, or start it with --memory 256M"),
                files.orElse(Long.MAX_VALUE) >= MIN_FILES
                        ? Finding.ok("open files", limit)
                        : Finding.note(
                                "open files",
                                limit + "; many VMs and connections need more",
                                "raise the hard limit with this line in /etc/security/limits.conf: * hard nofile 65536"));
    }

    /** Is the guest prepared, can the settings be read, are the directories as they should be, is there room? */
    private static List<Finding> places(Home home, Map<String, String> environment) throws IOException {
        List<Finding> findings = new ArrayList<>();
        findings.add(guest(home));
        findings.add(settings(home, environment));
        findings.add(root(home));
        findings.add(disk("disk", home.root(), "AEGIS_HOME"));
        if (!home.cache().startsWith(home.root())) {
            findings.add(disk("disk of the cache", home.cache(), "AEGIS_CACHE"));
        }
        if (PrivateDirectory.ourUid() == 0) {
            findings.add(Finding.note(
                    "user",
                    "aegisd runs as root",
                    "files that guests make in workspaces belong to root (never setuid); run it as an ordinary user"));
        }
        return findings;
    }

    private static Finding guest(Home home) {
        Path packaged = Build.installed("guest/ready");
        if (Files.notExists(home.guestProperties()) && Files.exists(packaged)) {
            return Finding.ok("guest", "from the package, in " + packaged);
        }
        try {
            GuestImage.read(home.guestProperties());
            return Finding.ok("guest", "kernel, initramfs and base image in " + home.cache());
        } catch (VmmException obstacle) {
            return Finding.bad("guest", obstacle.getMessage(), obstacle.hint());
        }
    }

    private static Finding settings(Home home, Map<String, String> environment) {
        try {
            Config config = Config.read(home.config(), environment);
            var _ = Config.presets(home);
            return Finding.ok(
                    "settings", "an instance gets " + config.memoryMb() + " MB and " + config.vcpus() + " vCPU");
        } catch (HomeException mistake) {
            return Finding.bad("settings", String.valueOf(mistake.getMessage()), "correct this setting");
        }
    }

    private static Finding root(Home home) throws IOException {
        String name = "home";
        Path root = home.root();
        int length = home.socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH) {
            return Finding.bad(
                    name, "the path of the socket is " + length + " bytes long", "set AEGIS_HOME to a shorter path");
        }
        if (Files.notExists(root, LinkOption.NOFOLLOW_LINKS)) {
            return Finding.ok(name, root + " (will be created at the first start)");
        }
        PosixFileAttributes attributes =
                Files.readAttributes(root, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        if (!attributes.isDirectory()) {
            return Finding.bad(name, root + " is not a directory", "move it away, or set AEGIS_HOME");
        }
        if (!attributes.owner().equals(PrivateDirectory.ourselves())) {
            return Finding.bad(
                    name,
                    root + " belongs to " + attributes.owner().getName(),
                    "chown " + PrivateDirectory.ourselves().getName() + " " + root);
        }
        return mode.equals("rwx------")
                ? Finding.ok(name, root.toString())
                : Finding.bad(name, root + " has mode " + mode, "chmod 700 " + root);
    }

    private static Finding disk(String name, Path directory, String setting) throws IOException {
        Path place = directory;
        while (Files.notExists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        long free = Files.getFileStore(place).getUsableSpace() >> 20;
        String found = free + " MB free at " + place;
        return free >= MIN_DISK_MB
                ? Finding.ok(name, found)
                : Finding.bad(name, found, "free " + MIN_DISK_MB + " MB or more, or set " + setting);
    }
}
