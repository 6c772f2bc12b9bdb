package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A host directory in a guest, live both ways, through everything that happens to an instance. */
@Tag("vm")
@Tag("kernel")
@NotInOuterVm("shares, as in VolumeTest")
class WorkspaceTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @TempDir
    Path directory;

    private void start(String workspace, String... more) {
        var words = new ArrayList<>(List.of("instance", "start", "--name", "box"));
        words.addAll(List.of("--workspace", workspace));
        words.addAll(List.of(more));
        words.addAll(List.of("--", "sleep", "600"));
        HOME.aegis(words.toArray(String[]::new)).ok();
    }

    private static String inBox(String script) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", script).ok().stdout().strip();
    }

    private static String mode() throws IOException {
        try (var client = HOME.client()) {
            return Objects.requireNonNull(client.call(Routes.GET, "box").boot()).mode();
        }
    }

    private void isLive() throws IOException {
        Files.writeString(directory.resolve("f"), "from the host");
        assertThat(inBox("cat f; printf 'from the guest' > g; mkdir -p d; mv g d"))
                .isEqualTo("from the host");
        assertThat(directory.resolve("d/g")).hasContent("from the guest");
        // Same length, same second: a cache would give the old content.
        Files.writeString(directory.resolve("f"), "from the HOST");
        assertThat(inBox("cat /workspace/f")).isEqualTo("from the HOST");
        Files.move(directory.resolve("d/g"), directory.resolve("g"));
        assertThat(inBox("pwd; cat g; ls d")).isEqualTo("/workspace\nfrom the guest");
    }

    @Test
    void itIsLiveBothWaysAfterEachKindOfStart() throws IOException {
        start(directory.toString());
        isLive();
        HOME.aegis("instance", "pause", "box").ok();
        HOME.aegis("instance", "resume", "box").ok();
        isLive();
        HOME.aegis("instance", "stop", "box").ok();
        HOME.aegis("instance", "start", "--name", "box").ok();
        isLive();
        assertThat(mode()).isEqualTo("template-bare");
        HOME.aegis("instance", "delete", "box").ok();
        assertThat(directory.resolve("f")).exists();

        start(directory.toString());
        isLive();
        assertThat(mode()).isEqualTo("template");
    }

    /** What the kernels of both sides know of each name, and all content. */
    private static final String VIEW =
            "find . -printf '%P %y %m %n %s %T@ %l\\n' | LC_ALL=C sort; find . -type f | LC_ALL=C sort | xargs cat";

    /** Each is seen at once by a guest that knew all that was there before. */
    private static final List<String> EDITS = List.of(
            "mkdir -p a/b c; printf one >f; printf two >a/f; printf three >a/b/f; ln -s f link",
            "printf ONE >f",
            "printf more >>a/f",
            "printf new >.new; mv .new f",
            "ln f g; chmod 600 g; chmod 750 a",
            "truncate -s 1 a/b/f; touch -d @1 c",
            "mv a a2; mv c a; mv a2 c",
            "mv c/b/f a; rm c/f; rmdir c/b; printf file >c/b",
            "rm -r a; ln -s c a; rm link; mkdir link; printf in >link/f",
            "rm -r link; mkdir link; rm f g; printf f >link/g");

    private void isSeenByBoth(String edit) throws IOException {
        assertThat(inBox(VIEW))
                .as(edit)
                .isEqualTo(Tool.run("sh", "-c", "cd '" + directory + "' && " + VIEW)
                        .strip());
    }

    @Test
    void editsOfOneSideAreSeenByTheOther() throws IOException {
        start(directory.toString());
        for (String edit : EDITS) {
            Tool.run("sh", "-ec", "cd '" + directory + "'; " + edit);
            isSeenByBoth("host: " + edit);
        }
        inBox("rm -r *");
        for (String edit : EDITS) {
            inBox("set -e; " + edit);
            isSeenByBoth("guest: " + edit);
        }
    }

    @Test
    void aColdBootHasItToo() throws IOException {
        try (HomeFixture cold = HomeFixture.create()) {
            cold.ownCache();
            cold.aegis("run", "--", "true").ok(); // makes the first template; a machine of another size has none
            Files.writeString(directory.resolve("f"), "there");
            String start = "start --name box --memory 256 --workspace " + directory + " -- sleep 600";
            cold.aegis(start.split(" ")).ok();
            assertThat(cold.aegis("exec", "box", "--", "cat", "f").ok().stdout())
                    .isEqualTo("there");
            assertThat(cold.aegis("instance", "info", "box").ok().stdout()).contains("cold");
        }
    }

    @Test
    void aNamedOneOutlivesTheInstance() throws IOException {
        Path notes = HOME.directory().resolve("data/workspaces/notes");
        start("notes");
        inBox("echo kept > f");
        HOME.aegis("instance", "disable", "box").ok();
        HOME.aegis("instance", "delete", "box").ok();
        HOME.aegis("instance", "prune", "--stopped-older-than", "0s").ok();
        HOME.aegis("down").ok();
        assertThat(notes.resolve("f")).hasContent("kept\n");
        assertThat(HOME.aegis("run", "--workspace", "notes", "--", "cat", "f")
                        .ok()
                        .stdout())
                .isEqualTo("kept\n");
    }

    @Test
    void whatARunWroteIsThereWhenItEnds() throws IOException {
        // Still open when the process is gone with its VM, and never synced.
        HOME.aegis(
                        "run",
                        "--workspace",
                        directory.toString(),
                        "--",
                        "sh",
                        "-c",
                        "(echo late >&3; sleep 600) 3> f & sleep 1")
                .ok();
        assertThat(directory.resolve("f")).hasContent("late\n");
    }

    @Test
    void aRunWithoutOneHasAPlaceOfItsOwn() {
        String script = "pwd; echo mine > f; cat f; df --output=source . | tail -1; ls -A";
        assertThat(HOME.aegis("run", "--", "sh", "-c", script).ok().stdout())
                .isEqualTo("/workspace\nmine\noverlay\nf\n");
        assertThat(HOME.aegis("run", "--", "ls", "-A", "/workspace").ok().stdout())
                .isEmpty();
    }

    @Test
    void withoutOneTheDeviceIsAnEmptyDirectoryThatCannotBeFilled() {
        String script = "mkdir /mnt/x; mount -t 9p -o trans=virtio,version=9p2000.L share /mnt/x && ls -A /mnt/x;"
                + " echo > /mnt/x/f; mkdir /mnt/x/d; chmod 777 /mnt/x; echo > /mnt/x/f; exit 0";
        HomeFixture.Result result = HOME.aegis("run", "--", "sh", "-c", script).ok();
        assertThat(result.stdout()).isEmpty();
        assertThat(result.stderr().lines().toList())
                .hasSize(4)
                .allMatch(line -> line.contains("Read-only file system"));
    }

    @Test
    void aDirectoryThatTookTheWorkspacesPlaceIsNotShared() throws IOException {
        Path workspace = Files.createDirectory(directory.resolve("w"));
        start(workspace.toString());
        HOME.aegis("instance", "stop", "box").ok();
        Files.move(workspace, directory.resolve("elsewhere"));
        Files.createSymbolicLink(workspace, HOME.directory());
        assertThat(HOME.aegis("instance", "start", "--name", "box").exitCode()).isEqualTo(125);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(HOME.aegis("logs", "box").stdout()
                                + HOME.aegis("logs", "box").stderr())
                        .contains("was replaced by another directory"));
        assertThat(HOME.vmPids()).isEmpty();
    }

    @Test
    void largeFilesAreCopiedToItAndFromIt() throws IOException {
        Path workspace = Files.createDirectory(directory.resolve("w"));
        Path given = Files.write(directory.resolve("given"), bytes(3_000_001));
        Path back = directory.resolve("back");
        start(workspace.toString());

        HOME.aegis("cp", given.toString(), "box:/workspace/f").ok();
        assertThat(Files.mismatch(given, workspace.resolve("f"))).isEqualTo(-1);
        assertThat(inBox("cat /workspace/f | wc -c")).isEqualTo("3000001");

        inBox("head -c 2500000 /dev/urandom >/workspace/f");
        HOME.aegis("cp", "box:/workspace/f", back.toString()).ok();
        assertThat(Files.mismatch(back, workspace.resolve("f"))).isEqualTo(-1);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void programsWorkInIt() throws IOException {
        Files.writeString(directory.resolve("programs.py"), resource("workspace-programs.py"));
        String said = HOME.aegis("run", "--workspace", directory.toString(), "--", "python3", "programs.py")
                .ok()
                .stdout();
        assertThat(said).isEqualTo("done git\ndone sqlite\ndone mapped\ndone python\ndone locks\n");
        // The host has the whole files, whatever the guest does.
        HostUser.run("git", "-c", "safe.directory=*", "-C", directory + "/clone", "fsck", "--strict");
        HostUser.run("rm", "-rf", directory + "/env");
    }

    @Test
    void gitWorksInRepositoriesThatOthersOwn() throws IOException {
        String repository = directory.resolve("repository").toString();
        HostUser.run("git", "init", "--quiet", repository);
        // Where we are not root, root of the guest is another already.
        HostUser.run("sh", "-c", "test $(id -u) != 0 || chown -R 1234 '" + repository + "'");
        Files.writeString(directory.resolve("repository/f"), "x");
        start(directory.toString());
        assertThat(inBox("git -C repository status --porcelain")).isEqualTo("?? f");
        assertThat(inBox("cd repository && vim -es -c 'normal Ay' -c wq f; cat f"))
                .isEqualTo("xy");
    }

    private static String resource(String name) throws IOException {
        try (InputStream resource = WorkspaceTest.class.getResourceAsStream("/" + name)) {
            return new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
