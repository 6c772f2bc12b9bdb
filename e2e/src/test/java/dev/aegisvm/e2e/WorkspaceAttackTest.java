package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The guest's root attacks the host through its workspace, with root's daemon and with an ordinary user's. */
@Tag("vm")
@Tag("root")
@NotInOuterVm("the host's side of a share")
class WorkspaceAttackTest {
    private static final Duration RACE = Duration.ofSeconds(15);

    private Path place;

    @BeforeEach
    void makePlace() throws IOException {
        place = Files.createTempDirectory("aegis-workspace-").toRealPath();
    }

    @AfterEach
    void removePlace() throws IOException {
        // Java cannot walk a tree that is deeper than PATH_MAX.
        HostUser.run("rm", "-rf", place.toString());
    }

    static Stream<HostUser> users() {
        return HostUser.all();
    }

    @ParameterizedTest
    @MethodSource("users")
    void nothingOutsideIsReadOrWrittenAndNobodyGetsRights(HostUser user) throws IOException {
        Path outside = Files.createDirectory(place.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "outside");
        user.own(place);

        try (HomeFixture home = user.home()) {
            attack(home, user, outside);
            attackReadOnly(home, user);
        }

        assertThat(found(outside, "-type", "f")).containsExactly(outside + "/secret");
        assertThat(outside.resolve("secret")).hasContent("outside");
        assertThat(Files.getAttribute(outside.resolve("secret"), "unix:nlink")).isEqualTo(1);
    }

    private void attack(HomeFixture home, HostUser user, Path outside) throws IOException {
        Path workspace = Files.createDirectory(place.resolve("workspace"));
        Files.createDirectories(workspace.resolve("race/d"));
        Files.writeString(workspace.resolve("race/d/secret"), "inside");
        Files.writeString(workspace.resolve("attack.py"), script("workspace-attack.py"));
        user.own(workspace);

        HomeFixture.Running guest = home.start(
                "run", "--workspace", workspace.toString(), "--", "python3", "attack.py", outside.toString());
        await().atMost(Duration.ofSeconds(HomeFixture.LIMIT_SECONDS))
                .until(() ->
                        guest.soFar().contains("done anew") || !guest.process().isAlive());
        flip(workspace.resolve("race"), outside);
        String said = guest.await().ok().stdout();

        assertThat(said)
                .doesNotContain("BREACH")
                .contains("done links", "done rights", "done names", "done deep", "done anew", "done races");
        String uid = Integer.toString(user.uid());
        assertThat(found(workspace, "!", "-user", uid, "-o", "!", "-group", uid))
                .as("what belongs to somebody else")
                .isEmpty();
        assertThat(found(workspace, "-perm", "/6000", "-o", "-type", "b", "-o", "-type", "c"))
                .as("what gives rights")
                .isEmpty();
        assertThat(found(workspace, "-name", "fifo", "-type", "p")).hasSize(1);
    }

    /** Puts a link that leads outside in the place of a directory and back, as fast as it goes, from the host's side. */
    private static void flip(Path race, Path outside) throws IOException {
        Path directory = race.resolve("d");
        Path aside = race.resolve("aside");
        Path link = Files.createSymbolicLink(race.resolve("link"), outside);
        Files.setAttribute(link, "unix:uid", Files.getAttribute(race, "unix:uid"), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(link, "unix:gid", Files.getAttribute(race, "unix:gid"), LinkOption.NOFOLLOW_LINKS);
        long end = System.nanoTime() + RACE.toNanos();
        long flips = 0;
        while (System.nanoTime() < end) {
            Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
            Files.move(link, directory, StandardCopyOption.ATOMIC_MOVE);
            Files.move(directory, link, StandardCopyOption.ATOMIC_MOVE);
            Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
            flips++;
        }
        assertThat(flips).isGreaterThan(1000);
        // Tells the guest; the directory says whose it is.
        Files.createLink(race.resolve("over"), directory.resolve("secret"));
    }

    private void attackReadOnly(HomeFixture home, HostUser user) throws IOException {
        Path workspace = Files.createDirectory(place.resolve("read-only"));
        Path file = Files.writeString(workspace.resolve("file"), "as it was");
        Files.writeString(workspace.resolve("attack.py"), script("workspace-read-only.py"));
        user.own(workspace);
        Object before = Files.getAttribute(file, "unix:ctime");

        String copyFirst = "cp attack.py /tmp; cd /; exec python3 /tmp/attack.py";
        String said = home.aegis("run", "--workspace", workspace + ":ro", "--", "sh", "-c", copyFirst)
                .ok()
                .stdout();

        assertThat(said).doesNotContain("BREACH").endsWith("as it was\n");
        assertThat(Files.getAttribute(file, "unix:ctime")).isEqualTo(before);
        assertThat(found(workspace, "-type", "f")).hasSize(2);
    }

    /** find(1), which can walk a tree of any depth. */
    private static List<String> found(Path below, String... condition) throws IOException {
        List<String> command = new ArrayList<>(List.of("find", below.toString()));
        command.addAll(List.of(condition));
        Process find = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static String script(String name) throws IOException {
        try (InputStream script = WorkspaceAttackTest.class.getResourceAsStream("/" + name)) {
            return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
