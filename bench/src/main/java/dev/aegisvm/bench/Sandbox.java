package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.TestHome;
import dev.aegisvm.testkit.TestWorld;

/**
 * A home of the bench's own with a daemon in it, which the first {@code aegis} starts. It shares the cache with the user's home, so
 * that nothing is prepared twice, and is gone afterwards, also when the bench is interrupted.
 */
final class Sandbox implements AutoCloseable {
    static final CreateInstance ECHO = CreateInstance.of(List.of("echo", "hi"));
    static final CreateInstance IDLE = CreateInstance.of(List.of("sleep", "infinity"));

    private static final int STARTS_BEFORE_A_TEMPLATE = 200;

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

    /** Another home, with a daemon that keeps two spare machines, as it does by default. */
    Sandbox withSpares() throws IOException {
        Sandbox other = new Sandbox(checkout, programs);
        other.directory.environment().put("AEGIS_SPARES", "2");
        return other.up();
    }

    /** Another home, whose daemon is on the host of a world. */
    Sandbox within(TestWorld world) throws IOException {
        Sandbox other = new Sandbox(checkout, programs);
        other.directory.within(world.entrance());
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

    String program(String name) {
        return directory.program(name).toString();
    }

    @FunctionalInterface
    interface Work<T> {
        T with(DaemonClient client, String id) throws IOException;
    }

    /** Works with an instance once its main process has started, and deletes it. */
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

    /** Starts an instance, and returns its id when its main process has started. */
    String start(DaemonClient client, CreateInstance create) throws IOException {
        return client.call(Routes.CREATE.with(create).flag("wait", true)).id();
    }

    /** Starts an instance and deletes it; milliseconds until its main process had started, in this way. */
    double startNew(CreateInstance create, String mode) throws IOException {
        return millis(with(create, this::boot), mode);
    }

    /** Milliseconds to the started main process of an instance that started in this way and no other. */
    static double millis(BootView boot, String mode) throws IOException {
        Double total = boot.totalMs();
        if (total == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return total;
    }

    /** How an instance booted. */
    BootView boot(DaemonClient client, String id) throws IOException {
        return Objects.requireNonNull(client.call(Routes.GET, id).boot(), id);
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
