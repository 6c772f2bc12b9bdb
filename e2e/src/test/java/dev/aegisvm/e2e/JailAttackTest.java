package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.ProcessIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody has broken into QEMU. A probe runs in its place, in a jail that is built by the very options of a VM's, with a
 * daemon of root's and one of an ordinary user's, and tries to reach what the daemon has and other VMs have.
 */
@Tag("vm")
@Tag("root")
class JailAttackTest {
    private static final Path BUILT = Path.of("../host/jail/build");
    private static final List<String> ANYWHERE = List.of(
            "read=/etc/shadow",
            "list=/root",
            "list=/home",
            "list=/etc",
            "list=/dev/shm",
            "run=/bin/true",
            "mount=/",
            "unshare=268435456",
            "clone=268435456",
            "host-name=x",
            "uid=1",
            "set-uid-file=s",
            "device=/d",
            "write=/new",
            "core=100",
            "family=2",
            "family=16",
            "family=40");

    /** The VM's own share, and what it has as its program, which QEMU's own filter keeps it from. */
    private static final List<String> OPEN = List.of("above=file", "run=/usr/bin/qemu-system-x86_64");

    private final Path place;

    JailAttackTest() throws IOException {
        place = Files.createTempDirectory("aegis-probe-").toRealPath();
    }

    @AfterEach
    void removePlace() throws IOException {
        HostUser.run("rm", "-rf", place.toString());
    }

    static Stream<HostUser> users() {
        return HostUser.all();
    }

    @ParameterizedTest
    @MethodSource("users")
    void whoeverIsInQemusPlaceReachesNothing(HostUser user) throws Exception {
        Path workspace = Files.createDirectory(place.resolve("workspace"));
        Files.writeString(workspace.resolve("file"), "shared");
        Files.writeString(place.resolve("beside"), "secret");
        user.own(place);
        try (HomeFixture home = user.home()) {
            home.aegis(
                            "instance",
                            "start",
                            "--name",
                            "one",
                            "--workspace",
                            workspace.toString(),
                            "--",
                            "sleep",
                            "99999")
                    .ok();
            home.aegis("secret", "set", "KEY", "value").ok();
            home.aegis("instance", "start", "--name", "two", "--", "sleep", "99999")
                    .ok();
            long one = vm(home, "one");
            long two = vm(home, "two");

            List<String> attempts = new ArrayList<>(ANYWHERE);
            attempts.addAll(secretsOf(home));
            attempts.addAll(filesOf(two, one));
            attempts.addAll(processes(home, two));
            attempts.add("above=../beside");
            attempts.add("read=" + place.resolve("beside"));
            attempts.addAll(OPEN);
            List<String> said = probe(user, one, attempts);

            assertThat(said.stream().filter(line -> line.startsWith("OPEN")))
                    .containsExactlyElementsOf(
                            OPEN.stream().map(attempt -> "OPEN " + attempt).toList());
            assertThat(said.stream().filter(line -> line.startsWith("held "))).hasSize(attempts.size() - OPEN.size());
        }
    }

    /** A spare has nobody's disk and share yet, and a monitor by which it gets them. */
    @Test
    @NotInOuterVm("emulated: a spare")
    void whoeverIsInTheSparesPlaceReachesNothing() throws Exception {
        HostUser user = HostUser.ourselves();
        try (HomeFixture home = user.home().with("AEGIS_SPARES", "1").with("AEGIS_ACCEL", "tcg")) {
            home.startBox();
            home.aegis("secret", "set", "KEY", "value").ok();
            long box = vm(home, "box");
            await().until(() -> spare(home, box).isPresent());
            long spare = spare(home, box).orElseThrow();
            List<String> attempts = new ArrayList<>(ANYWHERE);
            attempts.addAll(secretsOf(home));
            attempts.addAll(filesOf(box, spare));
            attempts.addAll(processes(home, box));
            List<String> said = probe(user, spare, attempts);
            assertThat(said).hasSize(attempts.size()).allMatch(line -> line.startsWith("held "));
        }
    }

    /** QEMU would refuse to start with a file that another process has locked in the same way. */
    @Test
    void whoeverLocksWhatVmsHaveInCommonHoldsUpNobody() throws Exception {
        try (HomeFixture home = HostUser.ourselves().home().with("AEGIS_SPARES", "0")) {
            home.startBox();
            List<String> options = options(vm(home, "box"));
            Path base = options.stream()
                    .filter(option -> option.endsWith(".erofs"))
                    .map(Path::of)
                    .findFirst()
                    .orElseThrow();
            try (FileChannel held = FileChannel.open(base);
                    FileLock _ = held.lock(0, Long.MAX_VALUE, true)) {
                home.aegis("run", "--", "true").ok();
            }
        }
    }

    /** The one VM beside the box that is passed files while it runs. */
    private static Optional<Long> spare(HomeFixture home, long box) throws IOException {
        for (long vm : home.vmPids()) {
            if (vm != box && options(vm).contains("--files")) {
                return Optional.of(vm);
            }
        }
        return Optional.empty();
    }

    private static List<String> secretsOf(HomeFixture home) {
        Path root = home.directory();
        return List.of(
                "list=" + root,
                "read=" + root.resolve("master.key"),
                "read=" + root.resolve("data/aegis.db"),
                "read=" + root.resolve("data/aegisd.log"),
                "write=" + root.resolve("config.toml"),
                "unix=" + root.resolve("aegisd.sock"),
                "list=" + home.runDirectory());
    }

    /** What another VM has in its jail and this one has not: its disk, its sockets, its share. */
    private static List<String> filesOf(long other, long own) throws IOException {
        List<String> ours = options(own);
        List<String> attempts = new ArrayList<>();
        List<String> theirs = options(other);
        for (int i = 0; i + 1 < theirs.size(); i++) {
            String file = theirs.get(i + 1);
            if (!ours.contains(file) && List.of("--ro", "--rw").contains(theirs.get(i))) {
                attempts.add((Files.isDirectory(Path.of(file)) ? "list=" : "read=") + file);
                attempts.add("write=" + file);
            }
        }
        assertThat(attempts).anyMatch(attempt -> attempt.endsWith("/disk.raw"));
        return attempts;
    }

    private static List<String> processes(HomeFixture home, long other) throws IOException {
        List<String> attempts = new ArrayList<>();
        for (long pid : List.of(home.daemonPid(), other, ProcessHandle.current().pid())) {
            attempts.addAll(List.of("kill=" + pid, "trace=" + pid, "peek=" + pid, "root-of=" + pid));
        }
        attempts.add("tcp=" + said(home, "\"router_addr\":\"127.0.0.1:(\\d+)\"", "status", "--json"));
        return attempts;
    }

    private static long vm(HomeFixture home, String name) {
        return home.vmPids(said(home, "(inst-[0-9a-f]+)", "instance", "info", name, "--json"))
                .getFirst();
    }

    /** By the program, as its user: another user's daemon has no answer for us. */
    private static String said(HomeFixture home, String pattern, String... command) {
        Matcher found =
                Pattern.compile(pattern).matcher(home.aegis(command).ok().stdout());
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }

    /** The options of the launcher of a VM. */
    private static List<String> options(long vm) throws IOException {
        long launcher = ProcessHandle.of(vm)
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .orElseThrow();
        List<String> line = ProcessIdentity.commandLine(launcher);
        assertThat(line.getFirst()).endsWith("/" + Jail.PROGRAM);
        return line.subList(1, line.indexOf("--"));
    }

    /** Runs the probe by the same launcher with the same options; what it has as its /usr has the probe as QEMU's program. */
    private List<String> probe(HostUser user, long vm, List<String> attempts) throws Exception {
        List<String> options = new ArrayList<>(options(vm));
        Path usr = place.resolve("usr");
        Files.createDirectories(usr.resolve("bin"));
        Files.copy(BUILT.resolve("probe"), usr.resolve("bin/qemu-system-x86_64"));
        options.set(options.indexOf("--usr") + 1, usr.toString());
        user.own(usr);
        // The disk that a spare begins with has no name any more.
        Path disk = Path.of(options.get(options.lastIndexOf("--rw") + 1));
        if (Files.notExists(disk)) {
            Files.createFile(disk);
        }
        // The first path to the launcher may be closed to the user.
        Path launcher = Files.copy(BUILT.resolve(Jail.PROGRAM), place.resolve(Jail.PROGRAM));
        List<String> command = new ArrayList<>();
        if (user.another()) {
            command.addAll(List.of("setpriv", "--reuid=" + user.uid(), "--regid=" + user.uid(), "--clear-groups"));
        }
        command.add(launcher.toString());
        command.addAll(options);
        command.addAll(List.of("--", "/usr/bin/qemu-system-x86_64"));
        command.addAll(attempts);
        Process probe = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(place.resolve("said").toFile())
                .start();
        String result = new String(probe.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(probe.waitFor()).as(Files.readString(place.resolve("said"))).isEqualTo(7);
        assertThat(Files.readString(place.resolve("said"))).contains("wall namespaces yes");
        return result.lines().toList();
    }
}
