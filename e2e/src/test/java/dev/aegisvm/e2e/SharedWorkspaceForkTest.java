package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots and forks of instances that have directories of the host. */
@Tag("vm")
@Tag("check-all")
class SharedWorkspaceForkTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @AfterEach
    void removeAll() {
        for (String kind : List.of("snapshot delete", "rm -f")) {
            List<String> list =
                    kind.startsWith("snapshot") ? List.of("snapshot", "list", "-q") : List.of("ps", "-a", "-q");
            HOME.aegis(list.toArray(String[]::new)).ok().stdout().lines().forEach(name -> {
                List<String> words = new ArrayList<>(List.of(kind.split(" ", -1)));
                words.add(name);
                HOME.aegis(words.toArray(String[]::new)).ok();
            });
        }
    }

    /** What is in /dev/shm is in memory alone. */
    private static void start(String... options) {
        List<String> words = new ArrayList<>(List.of("instance", "start", "--name", "box"));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "sleep", "600"));
        HOME.aegis(words.toArray(String[]::new)).ok();
        in("box", "echo kept > /dev/shm/memory; echo one > /workspace/file");
    }

    private static String in(String name, String script) {
        return HOME.aegis("exec", name, "--", "sh", "-ec", script).ok().stdout().strip();
    }

    private static Path named(String workspace) {
        return HOME.directory().resolve("data/workspaces").resolve(workspace);
    }

    /** What a process that sleeps for so long finds in its current directory. */
    private static String around(String name, int seconds) {
        return in(name, "ls /proc/$(pgrep -fx 'sleep " + seconds + "')/cwd/");
    }

    @Test
    void itsMemoryIsSavedWhenNobodyUsesMoreThanTheDirectoryItself(@TempDir Path tree) throws IOException {
        start("--workspace", "notes");
        HOME.aegis("snapshot", "create", "box", "then").ok();
        assertThat(around("box", 600)).isEqualTo("file");
        assertThat(HOME.aegis("snapshot", "list").ok().stdout()).contains("memory");
        assertThat(in("box", "echo two >> /workspace/file; cat /workspace/file"))
                .isEqualTo("one\ntwo");
        assertThat(HOME.aegis("fork", "then").stderr())
                .contains("host directory", "--workspace NEW", "--share-workspace", ":copy");

        HOME.aegis("fork", "then", "--name", "own", "--workspace", "other").ok();
        assertThat(in("own", "cat /dev/shm/memory; ls /workspace; echo own > /workspace/mine"))
                .isEqualTo("kept");
        assertThat(named("other").resolve("mine")).hasContent("own");
        assertThat(around("own", 600)).isEqualTo("mine");
        assertThat(named("notes").resolve("mine")).doesNotExist();
        HOME.aegis("fork", "box", "--count", "2", "--name", "each", "--workspace", "new")
                .ok();
        in("each-2", "echo each > /workspace/second");
        assertThat(named("new-1").resolve("second")).doesNotExist();
        assertThat(named("new-2").resolve("second")).hasContent("each");
        HOME.aegis("fork", "box", "--name", "same", "--share-workspace").ok();
        assertThat(in("same", "cat /dev/shm/memory /workspace/file")).isEqualTo("kept\none\ntwo");

        Files.writeString(tree.resolve("copied"), "from the host");
        HOME.aegis("fork", "box", "--name", "copy", "--workspace", tree + ":copy")
                .ok();
        assertThat(in(
                        "copy",
                        "cat /dev/shm/memory /workspace/copied; touch /workspace/$(printf %05000d 1 | head -c 200)"))
                .isEqualTo("kept\nfrom the host");

        in("box", "echo lost > /dev/shm/memory");
        HOME.aegis("rewind", "box", "then").ok();
        assertThat(in("box", "cat /dev/shm/memory /workspace/file")).isEqualTo("kept\none\ntwo");
    }

    @Test
    void whoUsesTheDirectoryIsNamedAndAllStaysAsItWas() {
        start("--workspace", "busy", "-v", "data:/data", "-v", "read:/read:ro");
        in("box", "echo data > /data/file");
        HOME.aegis("exec", "-d", "-w", "/data", "box", "--", "sleep", "400").ok();
        in("box", "until pgrep -fx 'sleep 400'; do :; done");
        HOME.aegis("snapshot", "create", "box", "free").ok();
        assertThat(around("box", 400)).isEqualTo("file");
        HOME.aegis("exec", "-d", "box", "--", "sh", "-c", "exec sleep 500 < /workspace/file")
                .ok();
        in("box", "until pgrep -fx 'sleep 500'; do :; done");
        var refused = HOME.aegis("snapshot", "create", "box", "used");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr())
                .containsPattern("in use by \\d+ \\(sleep, exec-\\w+\\)")
                .contains("--disk-only", ":copy");
        assertThat(in("box", "cat /workspace/file /data/file; ! touch /read/x 2>/dev/null"))
                .isEqualTo("one\ndata");
        assertThat(HOME.aegis("fork", "box", "--name", "x", "--share-workspace").stderr())
                .contains("(sleep, exec-");
        assertThat(around("box", 400)).isEqualTo("file");
        HOME.aegis("snapshot", "create", "box", "disk", "--disk-only").ok();
        HOME.aegis("fork", "disk", "--name", "x", "--share-workspace").ok();
        assertThat(in("x", "cat /workspace/file /data/file")).isEqualTo("one\ndata");
        assertThat(HOME.aegis("fork", "disk", "--name", "y", "--workspace", "z").stderr())
                .as("it has a volume too")
                .contains("--share-workspace");
    }
}
