package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.testkit.TestHome;
import dev.aegisvm.vmm.net.Passt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A home with the real programs of this checkout, as a user has it, in a temporary place. A test class declares it in a field:
 *
 * <pre>
 * &#64;RegisterExtension
 * static final HomeFixture HOME = HomeFixture.create().withDaemon();
 * </pre>
 *
 * A static one serves all tests of the class, and its instances are deleted after each test; one that is not static serves one
 * test. At the end the daemon is stopped, nothing of it may be left, and the home is deleted.
 */
final class HomeFixture
        implements AutoCloseable, BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /** The guest is much slower under emulation; no wait is shorter than this. */
    static final long LIMIT_SECONDS = 240;

    static {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(LIMIT_SECONDS));
    }

    private static final Path BIN = Path.of("..", "bin");
    private static final String BOX = "box";

    final TestHome home;
    private final HomeProcesses processes;
    private final List<AutoCloseable> ofTheTest = new ArrayList<>();
    private boolean daemonFirst;
    private boolean boxFirst;
    private boolean perClass;

    private HomeFixture(TestHome home, int uid) throws IOException {
        this.home = home;
        processes = new HomeProcesses(
                home.directory(),
                Home.of(home.environment(), uid, Passt.socketsBelowTmp(Path.of("/")))
                        .runDirectory());
    }

    static HomeFixture create() {
        return create(BIN);
    }

    /** With the programs of another directory. */
    static HomeFixture create(Path programs) {
        return create(programs, HostUser.ourselves().uid());
    }

    /** With a daemon of another user's, once it is {@link HostUser#home their} home. */
    static HomeFixture create(int uid) {
        return create(BIN, uid);
    }

    private static HomeFixture create(Path programs, int uid) {
        try {
            return new HomeFixture(TestHome.create(programs), uid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With a daemon that runs before the first test. */
    HomeFixture withDaemon() {
        daemonFirst = true;
        return this;
    }

    /** With an instance called {@code box}, which sleeps and answers; a home for a class keeps it between tests. */
    HomeFixture withBox() {
        boxFirst = true;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        perClass = true;
        prepare();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!perClass) {
            prepare();
        }
    }

    private void prepare() {
        if (daemonFirst) {
            aegis("up").ok();
        }
        if (boxFirst) {
            startBox();
        }
    }

    /** Starts an instance called {@code box}; returns when it answers. */
    void startBox(String... options) {
        List<String> words = new ArrayList<>(List.of("instance", "start", "--name", BOX));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "sleep", "infinity"));
        aegis(words.toArray(String[]::new)).ok();
        aegis("exec", BOX, "--", "true").ok();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (perClass) {
            closeWhatTheTestOpened();
            deleteInstances();
        } else {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        close();
    }

    /** All but the box. */
    void deleteInstances() throws IOException {
        if (!isListening()) {
            aegis("up").ok();
        }
        try (DaemonClient client = client()) {
            for (InstanceView instance : client.call(Routes.LIST)) {
                if (!boxFirst || !BOX.equals(instance.handle())) {
                    Throwable endedSince = catchThrowable(() -> client.call(Routes.DELETE, instance.id()));
                    assertThat(endedSince == null || ((ApiException) endedSince).status() == 404)
                            .isTrue();
                }
            }
        }
    }

    /** Where the guest was prepared. */
    static Path cache() {
        return TestHome.sharedCache();
    }

    /** A cache of this home's own, with the same guest in it and no template. */
    Path ownCache() throws IOException {
        Path cache = Files.createDirectories(directory().resolve("cache"));
        Files.copy(cache().resolve(AegisHome.GUEST_PROPERTIES), cache.resolve(AegisHome.GUEST_PROPERTIES));
        with("AEGIS_CACHE", cache.toString());
        return cache;
    }

    Path directory() {
        return home.directory();
    }

    /** Adds a variable for the programs that start from now on. */
    HomeFixture with(String name, String value) {
        home.environment().put(name, value);
        return this;
    }

    /** Puts words before the command line of each program that starts from now on. */
    HomeFixture within(List<String> words) {
        home.within(words);
        return this;
    }

    /** A finished program: its exit code and both outputs, byte for byte, in files. */
    record Result(int exitCode, Path stdoutFile, Path stderrFile) {
        String stdout() {
            return read(stdoutFile);
        }

        String stderr() {
            return read(stderrFile);
        }

        /** Asserts exit code 0; shows the output otherwise. */
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

    /** A running program. */
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
                List.of("sh", "-c", Files.readString(script), program("aegis").toString()));
    }

    /** Runs a shell command line with the programs on the PATH; stderr goes to stdout. */
    Running line(String line, Path directory) {
        String script =
                "exec 2>&1; cd \"$0\"; export PATH=\"" + program("aegis").getParent() + ":$PATH\"; " + line;
        return launch("line", List.of("bash", "-c", script, directory.toString()));
    }

    /** A client of this home's daemon. */
    DaemonClient client() {
        return new DaemonClient(directory().resolve("aegisd.sock"));
    }

    /** What happens to instances from now on, until the test ends. */
    Events events() throws IOException {
        return untilTheTestEnds(Events.of(this));
    }

    /** Starts the MCP server, as a client with these roots does, and says hello; it ends with the test. */
    McpSession mcp(Path... roots) throws IOException {
        Path stderr = Files.createTempFile(outputs(), "aegis-mcp", ".err");
        ProcessBuilder server = home.prepare(home.command("aegis-mcp")).redirectError(stderr.toFile());
        return untilTheTestEnds(new McpSession(server.start(), roots));
    }

    private <T extends AutoCloseable> T untilTheTestEnds(T opened) {
        ofTheTest.add(opened);
        return opened;
    }

    private void closeWhatTheTestOpened() {
        for (AutoCloseable opened : ofTheTest.reversed()) {
            assertThatCode(opened::close).doesNotThrowAnyException();
        }
        ofTheTest.clear();
    }

    /** A program of this checkout. */
    Path program(String name) {
        return home.program(name);
    }

    /** Another program, with this home's environment and a directory first in the PATH. */
    ProcessBuilder prepared(List<String> command, Path first) {
        ProcessBuilder builder = home.prepare(command).directory(directory().toFile());
        builder.environment()
                .put("CLAUDE_CONFIG_DIR", directory().resolve(".claude").toString());
        builder.environment().put("PATH", first + ":" + TestHome.PATH);
        return builder;
    }

    long daemonPid() throws IOException {
        return Long.parseLong(
                Files.readString(directory().resolve("data/aegisd.pid")).trim());
    }

    /** Ends the daemon by SIGKILL; returns when it holds neither its lock nor its socket. */
    void killDaemon() throws IOException {
        assertThat(ProcessHandle.of(daemonPid()).orElseThrow().destroyForcibly())
                .isTrue();
        try (FileChannel lock = FileChannel.open(directory().resolve("data/aegisd.lock"), StandardOpenOption.READ)) {
            lock.lock(0, Long.MAX_VALUE, true).close();
        }
        // The kernel closes its files one by one.
        await().until(() -> !isListening());
    }

    private boolean isListening() throws IOException {
        try (SocketChannel connection =
                SocketChannel.open(UnixDomainSocketAddress.of(directory().resolve("aegisd.sock")))) {
            return connection.isConnected();
        } catch (ConnectException refused) {
            return false;
        }
    }

    /** The daemon's peak resident memory, in KiB. */
    long daemonPeakMemoryKib() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(daemonPid()), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    Running startProgram(String program, String... arguments) {
        return launch(program, home.command(program, arguments));
    }

    private static Path outputs() throws IOException {
        return Files.createDirectories(Path.of("target", "outputs"));
    }

    private Running launch(String program, List<String> command) {
        try {
            Path stdout = Files.createTempFile(outputs(), program, ".out");
            Path stderr = Files.createTempFile(outputs(), program, ".err");
            // A build that was started in the background of a shell ignores SIGINT, and so would all that it starts.
            List<String> listening = new ArrayList<>(List.of("env", "--default-signal=INT"));
            listening.addAll(command);
            Process process = home.prepare(listening)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile())
                    .start();
            return new Running(process, stdout, stderr);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes, of any program, whose command line or environment names this home. */
    List<String> processes() {
        return processes.all();
    }

    /** Where the sockets of running VMs are. */
    Path runDirectory() {
        return processes.runDirectory();
    }

    /** The pids of the QEMU processes of this home. */
    List<Long> vmPids() {
        return pids("qemu-system-x86_64");
    }

    /** The pids of the QEMU processes of one instance: none, or one. */
    List<Long> vmPids(String instanceId) {
        return processes.pids("qemu-system-x86_64", runDirectory().resolve(instanceId) + "/");
    }

    /** The pids of the processes of this home that run a program. */
    List<Long> pids(String program) {
        return processes.pids(program, "");
    }

    /** Ends the daemon, checks that nothing is left of it, and deletes the home. */
    @Override
    public void close() throws IOException {
        closeWhatTheTestOpened();
        aegis("down");
        assertThat(processes()).as("processes left after `aegis down`").isEmpty();
        assertThat(directory().resolve("aegisd.sock")).doesNotExist();
        home.delete();
    }
}
