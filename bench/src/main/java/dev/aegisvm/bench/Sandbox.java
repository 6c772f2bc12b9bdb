package dev.aegisvm.bench;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.client.LogQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

    private static final int COLD_STARTS_BEFORE_A_TEMPLATE = 12;

    private final Path root;
    private final AegisHome home;
    private final Path programs;
    private final int spares;
    private boolean closed;

    private Sandbox(Path root, Path cache, Path programs, int spares) {
        this.root = root;
        this.home = new AegisHome(root.resolve("home"), cache);
        this.programs = programs;
        this.spares = spares;
    }

    /**
     * Makes a home. Its daemon keeps no spare machine, so that every start is what it says and nothing runs beside it.
     *
     * @param programs the directory of {@code aegis} and {@code aegisd}
     */
    static Sandbox open(Path programs) throws IOException {
        return open(programs, 0);
    }

    private static Sandbox open(Path programs, int spares) throws IOException {
        Path root = Files.createTempDirectory("aegis-bench");
        Path cache = AegisHome.of(System.getenv()).cache();
        return new Sandbox(root, cache, programs, spares);
    }

    /** Another home, whose daemon keeps a spare machine. */
    Sandbox withSpare() throws IOException {
        return open(programs, 1);
    }

    /** Starts the daemon; to be called once. */
    void up() throws IOException {
        TimedProcess.Outcome up = aegis("up").run();
        if (up.exitCode() != 0) {
            throw new IOException("`aegis up` ended with " + up.exitCode());
        }
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

    /** One of {@code aegis} and {@code aegisd}. */
    Path program(String name) {
        return programs.resolve(name);
    }

    /** A directory for files of a measure; it is beside the home, since nothing in that can be a workspace. */
    Path scratch(String name) throws IOException {
        return Files.createDirectories(root.resolve("scratch").resolve(name));
    }

    DaemonClient client() {
        return new DaemonClient(home.socket());
    }

    /** The {@code aegis} command of this home. */
    TimedProcess aegis(String... arguments) {
        return TimedProcess.of(
                Stream.concat(Stream.of(programs.resolve("aegis").toString()), Stream.of(arguments))
                        .toList(),
                Map.of(
                        "AEGIS_HOME", home.root().toString(),
                        "AEGIS_CACHE", home.cache().toString(),
                        "AEGIS_ROUTER_ADDR", "127.0.0.1:0",
                        "AEGIS_SPARES", Integer.toString(spares)));
    }

    /** Starts an instance, and returns its id when its main process has written its first line. */
    String startAndAwaitOutput(DaemonClient client, List<String> command) throws IOException {
        return startAndAwaitOutput(client, CreateInstance.of(command));
    }

    /** The same of an instance with wishes of its own. */
    String startAndAwaitOutput(DaemonClient client, CreateInstance create) throws IOException {
        String id = client.create(create).id();
        awaitOutput(id, null);
        return id;
    }

    /** Makes the instance that starts again, and stops it. */
    void stoppedInstance(DaemonClient client) throws IOException {
        awaitOutput(client.create(named()).id(), null);
        client.stop(STOPPED);
    }

    /** Starts the stopped instance and stops it; milliseconds until its main process had started, in this way. */
    double startAgain(DaemonClient client, String mode) throws IOException {
        Instant begin = Instant.now();
        String id = client.create(named()).id();
        awaitOutput(id, begin.toString());
        BootView boot = boot(client, id);
        client.stop(STOPPED);
        return millis(boot, mode);
    }

    /** Starts a new instance and deletes it; milliseconds until its main process had started, in this way. */
    double startNew(DaemonClient client, String mode) throws IOException {
        return millis(bootOnce(client), mode);
    }

    /** Milliseconds to the started main process of an instance that started in this way and no other. */
    static double millis(BootView boot, String mode) throws IOException {
        Double total = boot.totalMs();
        if (total == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return total;
    }

    /** A request with some wishes: an image, a workspace, secrets. */
    static CreateInstance wish(
            List<String> command, @Nullable String image, @Nullable String workspace, List<String> secrets) {
        return CreateInstanceBuilder.builder()
                .command(command)
                .imageRef(image)
                .workspace(workspace)
                .secrets(secrets)
                .build();
    }

    private static CreateInstance named() {
        return CreateInstanceBuilder.builder().command(IDLE).handle(STOPPED).build();
    }

    /** Starts an instance, deletes it as soon as its main process has written something, and tells how it booted. */
    BootView bootOnce(DaemonClient client) throws IOException {
        String id = startAndAwaitOutput(client, ECHO);
        BootView boot = boot(client, id);
        client.delete(id);
        return boot;
    }

    /** How an instance booted. The first output can be there an instant before the daemon knows that all is done. */
    BootView boot(DaemonClient client, String id) throws IOException {
        BootView boot = client.get(id).boot();
        for (int i = 0; i < LOOKS && (boot == null || boot.totalMs() == null); i++) {
            boot = client.get(id).boot();
        }
        if (boot == null || boot.totalMs() == null) {
            throw new IOException("the daemon does not tell how long the boot of " + id + " took: " + boot);
        }
        return boot;
    }

    /** Waits, without asking again and again, for the first line of an instance's main process since then. */
    void awaitOutput(String id, @Nullable String since) throws IOException {
        try (DaemonClient follower = client();
                JsonLines lines = follower.logs(id, new LogQuery(true, null, since, null))) {
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

    /** Starts instances until one came from the template: the first of a shape boots cold, while its template is made. */
    void awaitTemplate() throws IOException {
        String mode = "";
        try (DaemonClient client = client()) {
            for (int i = 0; i < COLD_STARTS_BEFORE_A_TEMPLATE && !mode.equals("template"); i++) {
                mode = bootOnce(client).mode();
            }
        }
        if (!mode.equals("template")) {
            throw new IOException("instances do not start from a template but '" + mode + "'; the daemon's log: "
                    + Files.readString(home.daemonLog()));
        }
    }

    /** Ends the daemon with all its VMs, and removes the home. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        TimedProcess.Outcome down = aegis("down").run();
        if (down.exitCode() != 0) {
            throw new IOException("`aegis down` ended with " + down.exitCode() + "; " + root + " is left behind");
        }
        remove(root);
    }

    /** Removes a directory and all in it. */
    static void remove(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
