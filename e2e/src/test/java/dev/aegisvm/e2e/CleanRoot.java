package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * A minimal Debian system in a directory, with an ordinary user and processes of its own, which end with it. It has the host's
 * devices and network. Only root can make one.
 */
final class CleanRoot implements AutoCloseable {
    static final String USER = "someone";
    private static final Duration LIMIT = Duration.ofMinutes(10);
    /** Its process 1: a shell, which also reaps what nobody else does. It ends when nobody holds its stdin any more. */
    private static final String ENTER = """
            set -e
            mount --make-rprivate /
            mount --bind "$1" "$1"
            mount -t proc proc "$1/proc"
            mount --rbind /dev "$1/dev"
            mount --rbind /sys "$1/sys"
            cd "$1"
            mkdir old
            pivot_root . old
            exec chroot . bash -c 'umount -l /old && rmdir /old && echo ready && read -r'
            """;
    /** What a running system changes by itself, what is the user's, and what belongs to the package manager. */
    private static final String ELSEWHERE =
            "/dev /home /proc /run /sys /var/cache/apt /var/cache/debconf /var/lib/apt /var/lib/dpkg"
                    + " /var/log/apt /var/log/dpkg.log";

    private final Path directory;
    private final Process processes;

    /** What a command line wrote, to stderr too, and its exit code. */
    record Said(int exitCode, String text) {
        Said ok() {
            assertThat(exitCode).as(text).isZero();
            return this;
        }
    }

    private CleanRoot(Path directory, Process processes) {
        this.directory = directory;
        this.processes = processes;
    }

    /** @param packages what is installed beside the minimum, each name followed by a comma but the last */
    static CleanRoot make(Path directory, String packages) throws IOException {
        return make(directory, "trixie", packages);
    }

    /** One of another release than Debian 13. */
    static CleanRoot make(Path directory, String release, String packages) throws IOException {
        Tool.run("mmdebstrap", "--quiet", "--variant=apt", "--include=" + packages, release, directory.toString());
        Process processes = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "sh",
                        "-c",
                        ENTER,
                        "sh",
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(processes.inputReader().readLine()).isEqualTo("ready");
        CleanRoot root = new CleanRoot(directory, processes);
        root.run("useradd --create-home --shell /bin/bash " + USER).ok();
        return root;
    }

    /** A file as the host sees it. */
    Path path(String inside) {
        return directory.resolve(inside.substring(1));
    }

    /** Runs a command line as root. */
    Said run(String line) throws IOException {
        return enter("bash", "-c", line);
    }

    /** Runs a command line in a login shell of the ordinary user. Daemons take whatever port is free for their router. */
    Said asUser(String line) throws IOException {
        return enter("su", "-", USER, "-c", "export AEGIS_ROUTER_ADDR=127.0.0.1:0; " + line);
    }

    private Said enter(String... command) throws IOException {
        String first =
                Long.toString(processes.children().findFirst().orElseThrow().pid());
        List<String> words = new ArrayList<>(List.of("nsenter", "--target", first, "--mount", "--pid", "--"));
        words.addAll(List.of(command));
        Path output = Files.createTempFile("aegis-clean-root-", ".out");
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            String text = Files.readString(output);
            assertThat(ended)
                    .as("%s ended; it said: %s", List.of(command), text)
                    .isTrue();
            return new Said(process.exitValue(), text);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /** Every file of the system, without those of users and those that change by themselves. */
    SortedSet<String> files() throws IOException {
        String others =
                Stream.of(ELSEWHERE.split(" ", -1)).map(each -> "-path " + each).collect(Collectors.joining(" -o "));
        return new TreeSet<>(run("find / -xdev \\( " + others + " \\) -prune -o -print")
                .ok()
                .text()
                .lines()
                .toList());
    }

    @Override
    public void close() throws IOException {
        processes.destroyForcibly();
        processes.onExit().join();
        Tool.run("rm", "-rf", directory.toString());
    }
}
