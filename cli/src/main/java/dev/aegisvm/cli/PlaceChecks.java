package dev.aegisvm.cli;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.NotRunningException;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** Is the guest prepared, are the directories as they should be, is there room, does the daemon answer? */
final class PlaceChecks {
    private static final Path KVM = Path.of("/dev/kvm");
    private static final long MIN_DISK_MB = 1024;
    private static final int MAX_SOCKET_PATH = 107;

    private final Session session;
    private final AegisHome home;

    PlaceChecks(Session session) {
        this.session = session;
        this.home = session.home();
    }

    void addTo(List<DoctorCheck> checks) throws IOException {
        checks.add(accelerator());
        checks.add(guest());
        checks.add(templates());
        checks.add(homeDirectory());
        addDaemon(checks);
        checks.add(disk("disk", home.root(), "AEGIS_HOME"));
        if (!home.cache().startsWith(home.root())) {
            checks.add(disk("disk of the cache", home.cache(), "AEGIS_CACHE"));
        }
        if ("root".equals(System.getProperty("user.name"))) {
            checks.add(DoctorCheck.note(
                    "user",
                    "aegisd runs as root here",
                    "what guests make in workspaces is root's then (never setuid); better run it as an ordinary user"));
        }
    }

    private DoctorCheck accelerator() {
        Path file = home.cache().resolve("accelerator.json");
        try {
            AcceleratorFile verdict = ApiJson.answer(AcceleratorFile.class, Files.readAllBytes(file));
            String found = verdict.accelerator() + ": " + verdict.reason();
            return "kvm".equals(verdict.accelerator())
                    ? DoctorCheck.ok("virtualization", found)
                    : DoctorCheck.note("virtualization", found, "VMs work, many times slower than with KVM");
        } catch (IOException | RuntimeException noVerdict) {
            return untriedAccelerator();
        }
    }

    private static DoctorCheck untriedAccelerator() {
        if (Files.notExists(KVM)) {
            return DoctorCheck.note(
                    "virtualization",
                    "there is no " + KVM + "; VMs will be emulated",
                    "enable virtualization in the firmware, or nested virtualization of this VM, for speed");
        }
        try (FileChannel device = FileChannel.open(KVM, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return DoctorCheck.note(
                    "virtualization",
                    KVM + (device.isOpen() ? " opens; not tried with a guest yet" : " closed at once"),
                    "the first start of a VM tries it");
        } catch (IOException e) {
            return DoctorCheck.note(
                    "virtualization",
                    KVM + " cannot be opened; VMs will be emulated",
                    "adduser " + System.getProperty("user.name") + " kvm, then log in again");
        }
    }

    private DoctorCheck guest() {
        Path file = home.cache().resolve("guest.properties");
        String mend = "make prepare (in an installation: aegis-prepare-guest)";
        if (Files.notExists(file)) {
            return DoctorCheck.bad("guest", "not prepared: there is no " + file, mend);
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            return DoctorCheck.bad("guest", file + " cannot be read: " + e.getMessage(), mend);
        }
        for (String part : List.of("kernel", "initramfs", "base")) {
            String path = properties.getProperty(part, "");
            if (path.isEmpty() || !Files.isReadable(Path.of(path))) {
                return DoctorCheck.bad("guest", "the " + part + " is missing: " + path, mend);
            }
        }
        return DoctorCheck.ok("guest", "kernel, initramfs and base image in " + home.cache());
    }

    private DoctorCheck templates() throws IOException {
        Path directory = home.cache().resolve("templates");
        long count = 0;
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                count = entries.filter(entry -> Files.exists(entry.resolve("sizes")))
                        .count();
            }
        }
        return count > 0
                ? DoctorCheck.ok("templates", count + " in " + directory)
                : DoctorCheck.note(
                        "templates",
                        "none yet in " + directory + "; the first start boots a kernel",
                        "nothing to do, or beforehand: aegisd --prepare");
    }

    private DoctorCheck homeDirectory() throws IOException {
        Path root = home.root();
        int length = home.socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH) {
            return DoctorCheck.bad(
                    "home", "the path of the socket is " + length + " bytes long", "set AEGIS_HOME to a shorter path");
        }
        if (Files.notExists(root, LinkOption.NOFOLLOW_LINKS)) {
            return DoctorCheck.ok("home", root + " (made at the first start)");
        }
        PosixFileAttributes attributes =
                Files.readAttributes(root, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        String user = System.getProperty("user.name");
        if (!attributes.isDirectory()) {
            return DoctorCheck.bad("home", root + " is no directory", "move it away, or set AEGIS_HOME");
        }
        if (!attributes.owner().getName().equals(user)) {
            return DoctorCheck.bad(
                    "home", root + " belongs to " + attributes.owner().getName(), "chown " + user + " " + root);
        }
        return mode.equals("rwx------")
                ? DoctorCheck.ok("home", root.toString())
                : DoctorCheck.bad("home", root + " has mode " + mode, "chmod 700 " + root);
    }

    private void addDaemon(List<DoctorCheck> checks) {
        try (DaemonClient client = session.client()) {
            StatusView status = client.status();
            checks.add(DoctorCheck.ok(
                    "daemon", "aegisd " + status.version() + " (pid " + status.pid() + ") on " + home.socket()));
            if (status.routerError() != null) {
                checks.add(DoctorCheck.note(
                        "HTTP router", status.routerError(), "ports of instances work, X-Aegis-Instance does not"));
            }
        } catch (NotRunningException none) {
            checks.add(DoctorCheck.ok("daemon", "not running (commands start it)"));
        } catch (IOException | ApiException | IllegalArgumentException broken) {
            checks.add(DoctorCheck.bad(
                    "daemon", String.valueOf(broken.getMessage()), "aegis down; see " + home.daemonLog()));
        }
    }

    private static DoctorCheck disk(String name, Path directory, String setting) throws IOException {
        Path place = directory;
        while (Files.notExists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        long free = Files.getFileStore(place).getUsableSpace() >> 20;
        String found = free + " MB free at " + place;
        return free >= MIN_DISK_MB
                ? DoctorCheck.ok(name, found)
                : DoctorCheck.bad(name, found, "free " + MIN_DISK_MB + " MB or more, or set " + setting);
    }
}
