package dev.aegisvm.bench;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.testkit.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A home of the bench's own with a daemon in it. It shares the cache with the user's home, so that nothing is prepared
 * twice, and is gone afterwards.
 */
final class Sandbox implements AutoCloseable {
    private static final int LOOKS = 100;

    static final List<String> ECHO = List.of("echo", "hi");
    /** A main process that tells that it is there, and then does nothing. */
    static final List<String> IDLE = List.of("sh", "-c", "echo up; exec sleep infinity");

    /** The instance that {@link #startAgain} starts again. */
    private static final String STOPPED = "stopped";

    private static final int STARTS_BEFORE_A_TEMPLATE = 200;

    private final Path checkout;
    private final Path programs;
    private final TestHome directory;
    private final AegisHome home;
    /** Beside the home, since nothing in that can be a workspace. */
    private final Path scratch = Files.createTempDirectory("aegis-bench-");

    private boolean closed;

    private Sandbox(Path checkout, Path programs, int spares) throws IOException {
        this.checkout = checkout;
        this.programs = programs;
        directory = TestHome.create(programs);
        directory.environment().put("AEGIS_SPARES", Integer.toString(spares));
        home = AegisHome.of(directory.environment());
    }

    /**
     * Makes a home. Its daemon keeps no spare machine, so that every start is what it says and nothing runs beside it.
     *
     * @param programs the directory of {@code aegis} and {@code aegisd}
     */
    static Sandbox open(Path checkout, Path programs) throws IOException {
        return new Sandbox(checkout, programs, 0);
    }

    /** Another home, with a daemon that keeps a spare machine. */
    Sandbox withSpare() throws IOException {
        Sandbox sparing = new Sandbox(checkout, programs, 1);
        sparing.up();
        return sparing;
    }

    /** Another home, without a daemon. */
    TestHome anotherHome() throws IOException {
        return TestHome.create(programs);
    }

    /** Starts the daemon; to be called once. */
    void up() throws IOException {
        aegis("up").mustEnd();
    }

    boolean emulated() throws IOException {
        return MachineFacts.emulated(cache());
    }

    /** The commit that is measured. */
    Path checkout() {
        return checkout;
    }

    Path daemonLog() {
        return home.daemonLog();
    }

    Path cache() {
        return home.cache();
    }

    Path socket() {
        return home.socket();
    }

    /** What the daemon keeps. */
    Path data() {
        return home.data();
    }

    /** A directory for files of a measure. */
    Path scratch(String name) throws IOException {
        return Files.createDirectories(scratch.resolve(name));
    }

    DaemonClient client() {
        return new DaemonClient(home.socket());
    }

    /** The {@code aegis} command of this home. */
    TimedProcess aegis(String... arguments) {
        return TimedProcess.in(directory, directory.command("aegis", arguments));
    }

    /** Any other command in this home; {@code aegis} and the like are found at {@link #program}. */
    TimedProcess command(List<String> words) {
        return TimedProcess.in(directory, words);
    }

    String program(String name) {
        return directory.program(name).toString();
    }

    /** {@code aegis-mcp}, not started yet. */
    ProcessBuilder mcp() {
        return directory.prepare(directory.command("aegis-mcp"));
    }

    /** What is done with an instance. */
    @FunctionalInterface
    interface Work<T> {
        T with(DaemonClient client, String id) throws IOException;
    }

    /** Works with an instance that does nothing by itself, and deletes it. */
    <T> T withIdle(Work<T> work) throws IOException {
        return with(CreateInstance.of(IDLE), work);
    }

    <T> T with(CreateInstance create, Work<T> work) throws IOException {
        try (DaemonClient client = client()) {
            String id = startAndAwaitOutput(client, create);
            try {
                return work.with(client, id);
            } finally {
                client.call(Routes.DELETE, id);
            }
        }
    }

    /** Starts an instance, and returns its id when its main process has written its first line. */
    String startAndAwaitOutput(DaemonClient client, CreateInstance create) throws IOException {
        String id = client.call(Routes.CREATE.with(create)).id();
        awaitOutput(id, null);
        return id;
    }

    /** Makes the instance that starts again, and stops it. */
    void stoppedInstance(DaemonClient client) throws IOException {
        awaitOutput(client.call(Routes.CREATE.with(named())).id(), null);
        client.call(Routes.STOP, STOPPED);
    }

    /** Starts the stopped instance and stops it; milliseconds until its main process had started, in this way. */
    double startAgain(DaemonClient client, String mode) throws IOException {
        Instant begin = Instant.now();
        String id = client.call(Routes.CREATE.with(named())).id();
        awaitOutput(id, begin.toString());
        BootView boot = boot(client, id);
        client.call(Routes.STOP, STOPPED);
        return millis(boot, mode);
    }

    /** Starts a new instance and deletes it; milliseconds until its main process had started, in this way. */
    double startNew(String mode) throws IOException {
        return millis(bootOnce(CreateInstance.of(ECHO)), mode);
    }

    /** Milliseconds to the started main process of an instance that started in this way and no other. */
    static double millis(BootView boot, String mode) throws IOException {
        Double total = boot.totalMs();
        if (total == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return total;
    }

    private static CreateInstance named() {
        return CreateInstanceBuilder.builder().command(IDLE).handle(STOPPED).build();
    }

    /** Starts an instance, deletes it as soon as its main process has written something, and tells how it booted. */
    private BootView bootOnce(CreateInstance create) throws IOException {
        return with(create, this::boot);
    }

    /** How an instance booted. The first output can be there an instant before the daemon knows that all is done. */
    BootView boot(DaemonClient client, String id) throws IOException {
        BootView boot = client.call(Routes.GET, id).boot();
        for (int i = 0; i < LOOKS && (boot == null || boot.totalMs() == null); i++) {
            boot = client.call(Routes.GET, id).boot();
        }
        if (boot == null || boot.totalMs() == null) {
            throw new IOException("the daemon does not tell how long the boot of " + id + " took: " + boot);
        }
        return boot;
    }

    /** Waits, without asking again and again, for the first line of an instance's main process since then. */
    void awaitOutput(String id, @Nullable String since) throws IOException {
        try (DaemonClient follower = client();
                JsonLines lines = follower.lines(
                        Routes.LOGS.to(id).query("follow", "true").query("since", since))) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                LogEntry entry = ApiJson.answer(LogEntry.class, line);
                if (entry.stream() != LogStream.SYSTEM) {
                    return;
                }
                if (entry.line().startsWith("start failed")) {
                    throw new IOException(id + ": " + entry.line());
                }
            }
        }
        throw new IOException("the logs of " + id + " ended before it wrote anything");
    }

    /** Starts such instances until one came from its template, which is made beside the first ones. */
    void awaitTemplate(CreateInstance create) throws IOException {
        String mode = "";
        for (int i = 0; i < STARTS_BEFORE_A_TEMPLATE && !mode.equals("template"); i++) {
            mode = bootOnce(create).mode();
        }
        if (!mode.equals("template")) {
            throw new IOException("instances do not start from a template but '" + mode + "'; the daemon's log: "
                    + Files.readString(home.daemonLog()));
        }
    }

    /** Ends the daemon with all its VMs, and removes the home. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            aegis("down").mustEnd();
            directory.delete();
            TestHome.delete(scratch);
        }
    }
}
