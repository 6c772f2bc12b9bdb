package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Root in an ordinary container: no namespaces, no mounts, few capabilities, and 2 GB of memory, of which 400 MB are used. */
@Tag("vm")
@Tag("root")
@NotInOuterVm("the container is the same in there")
class ContainerTest {
    private static final String MISSING =
            "VMs are not isolated by: namespaces (cannot make namespaces: Operation not permitted)";
    private static final Duration SOON = Duration.ofSeconds(5);

    /** A container sees its cgroup alone, and can write to {@code /run}. */
    private static final String ENTER = """
            { test -w /run || mount -t tmpfs run /run; } && mount -t tmpfs cgroup /sys/fs/cgroup && cd /sys/fs/cgroup && echo 2147483648 >memory.max && \
            echo 629145600 >memory.current && echo 'inactive_file 209715200' >memory.stat && cd / && exec "$@"
            """;

    @TempDir
    static Path directory;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    @BeforeAll
    static void compile() throws IOException {
        Tool.run("gcc", "-Wall", "-Wextra", "-Werror", "-o", container(), "src/test/resources/container.c");
    }

    private static String container() {
        return directory.resolve("container").toString();
    }

    @BeforeEach
    void enter() {
        List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--cgroup"));
        if (HostUser.ourselves().uid() != 0) {
            words.addAll(List.of("--user", "--map-root-user"));
        }
        words.addAll(List.of("sh", "-c", ENTER, "sh", container()));
        home.within(words);
    }

    @Test
    void vmsRunAndWhatIsMissingIsSaidOnce() {
        HomeFixture.Result first = home.aegis("run", "--", "echo", "hi").ok();
        assertThat(first.stdout()).isEqualTo("hi\n");
        assertThat(first.stderr()).containsOnlyOnce(MISSING).contains("they are isolated by: ", "a system call filter");
        HomeFixture.Result second = home.aegis("run", "--", "echo", "hi").ok();
        assertThat(second.stderr()).isEmpty();
        assertThat(home.aegis("status", "--json").ok().stdout())
                .contains("\"namespaces\":\"no: cannot make namespaces", "\"uid\":\"no: ");
        assertThat(home.aegis("doctor").stdout())
                .contains(
                        "note  jail: " + MISSING,
                        "note  namespaces: passt needs a user namespace",
                        "1648 of 2048 MB available");
    }

    @Test
    void aDaemonThatRequiresTheJailDoesNotStart() throws IOException {
        Files.writeString(home.directory().resolve("config.toml"), "require_jail = true\n");
        assertThat(refusalOf("up")).contains("require_jail is set, but this host lacks: namespaces (");
    }

    @Test
    void whatDoesNotFitInItsMemoryIsRefused() {
        home.aegis("up").ok();
        assertThat(refusalOf("run", "--memory", "4G", "--", "true")).contains("4096", "2048 MB");
    }

    @Test
    void theOpenNetworkSaysWhatItLacks() {
        home.aegis("up").ok();
        assertThat(refusalOf("run", "--network", "open", "--", "true"))
                .contains("cannot start passt", "user namespace", "`aegis doctor`");
    }

    /** What it says on stderr when it fails, soon. */
    private String refusalOf(String... arguments) {
        long started = System.nanoTime();
        HomeFixture.Result refused = home.aegis(arguments);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(SOON);
        assertThat(refused.exitCode()).isNotZero();
        return refused.stderr();
    }
}
