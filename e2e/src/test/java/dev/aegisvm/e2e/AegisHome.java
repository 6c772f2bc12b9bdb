package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.PrivateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A home directory of its own with the real programs of this checkout: what a user has, in a temporary place. The guest's
 * kernel, image and templates are shared between homes through the cache, as they are on a user's machine.
 */
final class AegisHome implements AutoCloseable {
    /** Everything in a guest is much slower under emulation; no wait is tighter than this. */
    static final long LIMIT_SECONDS = 240;

    private static final Path BIN = Path.of("..", "bin").toAbsolutePath().normalize();

    private final Path home;
    private final Path runDirectory;
    private final Map<String, String> environment = new TreeMap<>();
    private List<String> entrance = List.of();

    private AegisHome(Path home) throws IOException {
        this.home = home;
        environment.put("AEGIS_HOME", home.toString());
        environment.put("AEGIS_CACHE", cache().toString());
        // Every VM of a home is an instance's, unless a test asks for a spare.
        environment.put("AEGIS_SPARES", "0");
        // Several homes at a time, and the one of whoever runs this.
        environment.put("AEGIS_ROUTER_ADDR", "127.0.0.1:0");
        Map<String, String> all = new TreeMap<>(System.getenv());
        all.putAll(environment);
        runDirectory = Home.of(all, PrivateDirectory.ourUid()).runDirectory();
    }

    static AegisHome create() {
        try {
            return new AegisHome(Files.createTempDirectory("aegis-e2e-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the guest was prepared. */
    static Path cache() {
        Map<String, String> env = System.getenv();
        String home = env.getOrDefault("AEGIS_HOME", env.get("HOME") + "/.aegis");
        return Path.of(env.getOrDefault("AEGIS_CACHE", home + "/cache"));
    }

    Path directory() {
        return home;
    }

    /** Adds a variable for the programs that start from now on. */
    AegisHome with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Puts words before the command line of each program that starts from now on. */
    AegisHome within(List<String> words) {
        entrance = words;
        return this;
    }

    /** What a finished program left: its exit code and its two outputs, byte for byte in files. */
    record Result(int exitCode, Path stdoutFile, Path stderrFile) {
        String stdout() {
            return read(stdoutFile);
        }

        String stderr() {
            return read(stderrFile);
        }

        /** Asserts that it went well; shows what it said otherwise. */
        Result ok() {
            assertThat(exitCode).as("exit code; stderr: %s", stderr()).isZero();
            return this;
        }

        private static String read(Path file) {
            try {
                return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A program that runs. */
    record Running(Process process, Path stdoutFile, Path stderrFile) {
        Result await() {
            try {
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("aegis did not end within " + LIMIT_SECONDS + " s; stderr: "
                            + Files.readString(stderrFile));
                }
            } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
            }
            return new Result(process.exitValue(), stdoutFile, stderrFile);
        }

        /** What it wrote to stdout so far. */
        String soFar() {
            return new Result(0, stdoutFile, stderrFile).stdout();
        }
    }

    Result aegis(String... arguments) {
        return start(arguments).await();
    }

    Running start(String... arguments) {
        return startProgram("aegis", arguments);
    }

    /** Runs a shell script whose {@code $0} is {@code aegis}. */
    Running startShell(Path script) throws IOException {
        return launch(
                "shell",
                List.of(
                        "sh",
                        "-c",
                        Files.readString(script),
                        BIN.resolve("aegis").toString()));
    }

    /** Runs a line as a person would at a shell, with the programs on the PATH; stderr goes where stdout does. */
    Running line(String line, Path directory) {
        String script = "exec 2>&1; cd \"$0\"; export AEGIS_HOME PATH=\"" + BIN + ":$PATH\"; " + line;
        return launch("line", List.of("bash", "-c", script, directory.toString()));
    }

    /** A client of this home's daemon. */
    DaemonClient client() {
        return new DaemonClient(home.resolve("aegisd.sock"));
    }

    /** Starts the MCP server, as a client does, and says hello. */
    McpSession mcp() throws IOException {
        Path outputs = Files.createDirectories(Path.of("target", "outputs"));
        ProcessBuilder builder = new ProcessBuilder(BIN.resolve("aegis-mcp").toString())
                .redirectError(
                        Files.createTempFile(outputs, "aegis-mcp", ".err").toFile());
        builder.environment().putAll(environment);
        return new McpSession(builder.start());
    }

    /** One of our programs. */
    Path program(String name) {
        return BIN.resolve(name);
    }

    /** A command of others with this home, in it, and with nothing of the user's: not the home directory, not its settings. */
    ProcessBuilder prepared(List<String> command, Path first) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("CLAUDE_CONFIG_DIR", home.resolve(".claude").toString());
        builder.environment().put("PATH", first + ":" + System.getenv("PATH"));
        return builder;
    }

    long daemonPid() throws IOException {
        return Long.parseLong(Files.readString(home.resolve("data/aegisd.pid")).trim());
    }

    /** Ends the daemon by SIGKILL; returns when it holds neither its lock nor its socket. */
    void killDaemon() throws IOException {
        assertThat(ProcessHandle.of(daemonPid()).orElseThrow().destroyForcibly())
                .isTrue();
        try (FileChannel lock = FileChannel.open(home.resolve("data/aegisd.lock"), StandardOpenOption.READ)) {
            lock.lock(0, Long.MAX_VALUE, true).close();
        }
        // The kernel closes what it had one by one.
        await().until(() -> !isListening());
    }

    private boolean isListening() throws IOException {
        try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(home.resolve("aegisd.sock")))) {
            return connection.isConnected();
        } catch (ConnectException refused) {
            return false;
        }
    }

    /** The most resident memory that the daemon ever had, in KiB. */
    long daemonPeakMemoryKib() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(daemonPid()), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    Running startProgram(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(BIN.resolve(program).toString());
        command.addAll(Arrays.asList(arguments));
        return launch(program, command);
    }

    private Running launch(String program, List<String> command) {
        try {
            Path outputs = Files.createDirectories(Path.of("target", "outputs"));
            Path stdout = Files.createTempFile(outputs, program, ".out");
            Path stderr = Files.createTempFile(outputs, program, ".err");
            // A build that was started in the background of a shell ignores SIGINT, and so would all that it starts.
            List<String> listening = new ArrayList<>(entrance);
            listening.addAll(List.of("env", "--default-signal=INT"));
            listening.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(listening)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile());
            builder.environment().putAll(environment);
            return new Running(builder.start(), stdout, stderr);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes, of any program, whose command line or environment names this home: nothing of ours hides. */
    List<String> processes() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(
                            process -> process.getFileName().toString().chars().allMatch(Character::isDigit))
                    .filter(this::isOurs)
                    .map(process -> process.getFileName() + " "
                            + slurp(process.resolve("cmdline")).replace('\0', ' '))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the sockets of running VMs are. */
    Path runDirectory() {
        return runDirectory;
    }

    /** The pids of the QEMU processes of this home. */
    List<Long> vmPids() {
        return pids("qemu-system-x86_64");
    }

    /** The pids of the QEMU processes of one instance: none, or one. */
    List<Long> vmPids(String instanceId) {
        String sockets = runDirectory.resolve(instanceId) + "/";
        return processes().stream()
                .filter(line -> line.matches("\\d+ (\\S*/)?qemu-system-x86_64 .*") && line.contains(sockets))
                .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    /** The pids of the processes of this home that run a program. */
    List<Long> pids(String program) {
        return processes().stream()
                .filter(line -> line.matches("\\d+ (\\S*/)?" + program + " .*"))
                .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    private boolean isOurs(Path process) {
        String commandLine = slurp(process.resolve("cmdline"));
        return commandLine.contains(home.toString())
                || commandLine.contains(runDirectory + "/")
                || slurp(process.resolve("environ")).contains(home.toString());
    }

    private static String slurp(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    /** Ends the daemon, checks that nothing is left of it, and deletes the home. */
    @Override
    public void close() throws IOException {
        aegis("down");
        assertThat(processes()).as("processes left after `aegis down`").isEmpty();
        assertThat(home.resolve("aegisd.sock")).doesNotExist();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
