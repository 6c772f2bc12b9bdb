package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.testkit.TestHome;
import org.jspecify.annotations.Nullable;

/**
 * A home of the bench's own with a daemon in it, which the first {@code aegis} starts. It shares the cache with the user's home, so
 * that nothing is prepared twice, and is gone afterwards, also when the bench is interrupted.
 */
final class Sandbox implements AutoCloseable {
    static final CreateInstance ECHO = CreateInstance.of(List.of("echo", "hi"));
    /** A main process that tells that it is there, and then does nothing. */
    static final CreateInstance IDLE = CreateInstance.of(List.of("sh", "-c", "echo up; exec sleep infinity"));

    private static final int LOOKS = 100;
    private static final int STARTS_BEFORE_A_TEMPLATE = 200;
    /** The instance that {@link #startAgain} starts again. */
    private static final CreateInstance STOPPED = IDLE.withHandle("stopped");

    private final Path checkout;
    private final Path programs;
    private final TestHome directory;
    /** Beside the home, since nothing in that can be a workspace. */
    private final Path scratch = Files.createTempDirectory("aegis-bench-");

    private boolean closed;

    private Sandbox(Path checkout, Path programs) throws IOException {
        this.checkout = checkout;
        this.programs = programs;
        directory = TestHome.create(programs);
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtTheEnd));
    }

    /** Makes a home. Its daemon keeps no spare machine, so that every start is what it says and nothing runs beside it. */
    static Sandbox open(Path checkout, Path programs) throws IOException {
        return new Sandbox(checkout, programs).up();
    }

    /** Another home, with a daemon that keeps a spare machine. */
    Sandbox withSpare() throws IOException {
        Sandbox other = new Sandbox(checkout, programs);
        other.directory.environment().put("AEGIS_SPARES", "1");
        return other.up();
    }

    private Sandbox up() throws IOException {
        aegis("up").output();
        return this;
    }

    /**
     * Another home, with a daemon for which QEMU is this shell script. It has a cache of its own: what it finds out about its QEMU is
     * true for no other daemon.
     */
    Sandbox withQemu(String script) throws IOException {
        Sandbox other = new Sandbox(checkout, programs);
        Path cache = other.scratch("cache");
        Files.copy(home().cache().resolve(AegisHome.GUEST_PROPERTIES), cache.resolve(AegisHome.GUEST_PROPERTIES));
        Path qemu = other.scratch("tools").resolve("qemu-system-x86_64");
        Files.writeString(qemu, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
        other.directory.environment().put("AEGIS_CACHE", cache.toString());
        other.directory.environment().put("PATH", qemu.getParent() + ":" + TestHome.PATH);
        return other.up();
    }

    /** Whether the host has no virtualization that works. */
    boolean emulated() throws IOException {
        return MachineFacts.accelerator(this).equals("tcg");
    }

    Path checkout() {
        return checkout;
    }

    AegisHome home() {
        return AegisHome.of(directory.environment());
    }

    Path scratch(String name) throws IOException {
        return Files.createDirectories(scratch.resolve(name));
    }

    DaemonClient client() {
        return new DaemonClient(home().socket());
    }

    /** The {@code aegis} command of this home. */
    TimedProcess aegis(String... arguments) {
        return new TimedProcess(directory.prepare(directory.command("aegis", arguments)));
    }

    /** Any other command in this home; {@code aegis} and the like are found at {@link #program}. */
    ProcessBuilder command(String... words) {
        return directory.prepare(List.of(words));
    }

    String program(String name) {
        return directory.program(name).toString();
    }

    @FunctionalInterface
    interface Work<T> {
        T with(DaemonClient client, String id) throws IOException;
    }

    /** Works with an instance once its main process has written its first line, and deletes it. */
    <T> T with(CreateInstance create, Work<T> work) throws IOException {
        try (DaemonClient client = client()) {
            String id = start(client, create);
            try {
                return work.with(client, id);
            } finally {
                client.call(Routes.DELETE, id);
            }
        }
    }

    /** Starts an instance, and returns its id when its main process has written its first line. */
    String start(DaemonClient client, CreateInstance create) throws IOException {
        String id = client.call(Routes.CREATE.with(create)).id();
        awaitOutput(id, null);
        return id;
    }

    /** Starts an instance of {@link #ECHO} and deletes it; milliseconds until its main process had started, in this way. */
    double startNew(String mode) throws IOException {
        return millis(with(ECHO, this::boot), mode);
    }

    /** Starts an instance that was stopped, and stops it again; milliseconds until its main process had started, in this way. */
    double startAgain(DaemonClient client, String mode) throws IOException {
        Instant begin = Instant.now();
        String id = client.call(Routes.CREATE.with(STOPPED)).id();
        awaitOutput(id, begin.toString());
        BootView boot = boot(client, id);
        client.call(Routes.STOP, id);
        return millis(boot, mode);
    }

    void makeStopped(DaemonClient client) throws IOException {
        client.call(Routes.STOP, start(client, STOPPED));
    }

    /** Milliseconds to the started main process of an instance that started in this way and no other. */
    static double millis(BootView boot, String mode) throws IOException {
        Double total = boot.totalMs();
        if (total == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return total;
    }

    /** How an instance booted. The first output can be there an instant before the daemon knows that all is done. */
    BootView boot(DaemonClient client, String id) throws IOException {
        for (int i = 0; i < LOOKS; i++) {
            BootView boot = client.call(Routes.GET, id).boot();
            if (boot != null && boot.totalMs() != null) {
                return boot;
            }
        }
        throw new IOException("the daemon does not tell how long the boot of " + id + " took");
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
            mode = with(create, this::boot).mode();
        }
        if (!mode.equals("template")) {
            throw new IOException("instances do not start from a template but '" + mode + "'; the daemon's log: "
                    + Files.readString(home().daemonLog()));
        }
    }

    private void closeAtTheEnd() {
        try {
            close();
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /** Ends the daemon with all its VMs, and removes the home. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            aegis("down").output();
            directory.delete();
            TestHome.delete(scratch);
        }
    }
}
