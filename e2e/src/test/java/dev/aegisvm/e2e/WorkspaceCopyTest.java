package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A workspace that is copied: the host's tree stays as it is, and what the guest made of its copy comes back as a patch. */
@Tag("vm")
@Tag("check-all")
class WorkspaceCopyTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @TempDir
    Path repo;

    @BeforeEach
    void makeRepository() throws IOException {
        git("init", "-q");
        Files.writeString(repo.resolve("main.py"), "print(1)\n");
        Files.writeString(repo.resolve("old.txt"), "old\n");
        Files.writeString(Files.createDirectory(repo.resolve("sub dir")).resolve("ü.txt"), "one\n");
        Files.write(repo.resolve("data.bin"), new byte[] {0, 1, 2});
        Files.writeString(repo.resolve(".gitignore"), "*.o\n");
        Files.writeString(repo.resolve("a.o"), "ignored");
        Files.createSymbolicLink(repo.resolve("link"), Path.of("main.py"));
        git("add", ".");
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first");
    }

    private String git(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("git", "-C", repo.toString()));
        all.addAll(List.of(words));
        return Tool.run(all.toArray(String[]::new));
    }

    private void start(String suffix) {
        HOME.aegis("instance", "start", "--name", "box", "--workspace", repo + suffix, "--", "sleep", "600")
                .ok();
    }

    private static String inBox(String script) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", script).ok().stdout().strip();
    }

    @Test
    void itsChangesComeBackAsAPatch() throws IOException {
        start(":copy");
        assertThat(inBox("pwd; cat main.py link 'sub dir/ü.txt'; ls -A"))
                .startsWith("/workspace\nprint(1)\nprint(1)\none")
                .contains(".git", "a.o");
        assertThat(HOME.aegis("diff", "box", "--workspace").ok().stdout()).isEmpty();

        inBox("echo 'print(2)' > main.py; rm old.txt; mkdir new; echo x > new/run.sh; chmod +x new/run.sh;"
                + " printf '\\000\\003' > data.bin; ln -s /etc/passwd evil; echo two >> 'sub dir/ü.txt';"
                + " echo true > .git/hooks/post-checkout");
        assertThat(git("status", "--porcelain")).as("the host's tree").isEmpty();
        assertThat(HOME.aegis("diff", "box", "--workspace").ok().stdout().lines())
                .containsExactly(
                        "A .git/hooks/post-checkout  5 bytes  hook",
                        "M data.bin  2 bytes",
                        "A evil -> /etc/passwd  link",
                        "M main.py  9 bytes",
                        "A new/run.sh  2 bytes  executable",
                        "D old.txt  4 bytes",
                        "M sub dir/ü.txt  8 bytes");

        var patch = HOME.aegis("diff", "box", "--workspace", "--patch").ok();
        assertThat(patch.stderr()).contains("left out: A .git/hooks", "look at: A evil -> /etc/passwd");
        assertThat(patch.stdout()).doesNotContain("post-checkout");
        Path file = Files.writeString(repo.resolveSibling(repo.getFileName() + ".patch"), patch.stdout());
        git("apply", file.toString());
        Files.delete(file);
        assertThat(repo.resolve("main.py")).hasContent("print(2)");
        assertThat(repo.resolve("old.txt")).doesNotExist();
        assertThat(Files.isExecutable(repo.resolve("new/run.sh"))).isTrue();
        assertThat(repo.resolve("data.bin")).hasBinaryContent(new byte[] {0, 3});
        assertThat(repo.resolve("sub dir/ü.txt")).hasContent("one\ntwo");
    }

    @Test
    void whatGitIgnoresStaysOutAndWhatTheHostChangedIsNotInThePatch() throws IOException {
        Files.writeString(repo.resolve("untracked"), "new");
        start(":copy,git");
        assertThat(inBox("ls -A")).contains("untracked", "main.py", "sub dir").doesNotContain("a.o", ".git\n");
        inBox("echo guest > main.py; echo guest > untracked");
        Files.writeString(repo.resolve("main.py"), "host\n");

        var patch = HOME.aegis("diff", "box", "--workspace", "--patch").ok();
        assertThat(patch.stdout()).contains("untracked").doesNotContain("main.py");
        assertThat(patch.stderr()).contains("left out: M main.py").contains("host changed");
    }

    @Test
    void namesOfARepositoryDoNotLeadOutOfIt(@TempDir Path outside) throws IOException {
        Files.writeString(outside.resolve("id"), "a key of the host's");
        String blob = git("hash-object", "main.py").strip();
        git("update-index", "--add", "--cacheinfo", "100644," + blob + ",keys/id");
        Files.createSymbolicLink(repo.resolve("keys"), outside);
        start(":copy,git");
        assertThat(inBox("ls -A; readlink keys; find / -xdev -path '*/keys/*'; true"))
                .contains("main.py")
                .doesNotContain("keys/id");
    }

    @Test
    void itIsCopiedOnceAndGoesWithItsInstance() throws IOException {
        start(":copy");
        inBox("echo mine > main.py");
        Files.writeString(repo.resolve("later"), "x");
        HOME.aegis("instance", "stop", "box").ok();
        HOME.aegis("instance", "start", "--name", "box").ok();
        assertThat(inBox("cat main.py; ls")).startsWith("mine").doesNotContain("later");
        HOME.aegis("instance", "stop", "box").ok();
        var other = HOME.aegis("instance", "start", "--name", "box", "--workspace", repo.toString());
        assertThat(other.exitCode()).isNotZero();
        assertThat(other.stderr()).contains("workspace of instance 'box' cannot be changed");
        HOME.aegis("instance", "delete", "box").ok();
        assertThat(repo.resolve("main.py")).hasContent("print(1)");

        start("");
        var none = HOME.aegis("diff", "box", "--workspace");
        assertThat(none.exitCode()).isNotZero();
        assertThat(none.stderr()).contains("no copied workspace", ":copy");
    }
}
