package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.*;

/**
 * A home of the bench's own with a daemon in it, which the first {@code aegis} starts. It shares the cache with the user's home, so
 * that nothing is prepared twice, and is gone afterwards, also when the bench is interrupted.
 */
final class Sandbox implements AutoCloseable {
    static final CreateInstance ECHO = CreateInstance.of(List.of("echo", "hi"));
    static final CreateInstance IDLE = CreateInstance.of(List.of("sleep", "infinity"));

    private static final int STARTS_BEFORE_A_TEMPLATE = 200;

    private final Path checkout;
    private final TestHome directory;
    /** Beside the home, since nothing in that can be a workspace. */
    private final Path scratch = Files.createTempDirectory("aegis-bench-");

    private boolean closed;

    private Sandbox(Path checkout) throws IOException {
        this.checkout = checkout;
        directory = TestHome.create(checkout.resolve("bin"));
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtTheEnd));
    }

    /** Makes a home. Its daemon keeps no spare machine, so that every start is what it says and nothing runs beside it. */
    static Sandbox open(Path checkout) throws IOException {
        return new Sandbox(checkout).up();
    }

    private Sandbox up() throws IOException {
        aegis("up");
        return this;
    }

    /** Another home, with a daemon that keeps a spare machine, as it does by default. */
    Sandbox withSpare() throws IOException {
        Sandbox other = new Sandbox(checkout);
        other.directory.environment().put("AEGIS_SPARES", "1");
        return other.up();
    }

    /** Another home, whose daemon is on the host of a world. */
    Sandbox within(TestWorld world) throws IOException {
        Sandbox other = new Sandbox(checkout);
        world.takeIn(other.directory);
        return other.up();
    }

    /**
     * Another home, with a daemon for which QEMU is this shell script. It has a cache of its own: what it finds out about its QEMU is
     * true for no other daemon.
     */
    Sandbox withQemu(String script) throws IOException {
        Sandbox other = new Sandbox(checkout);
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
        return aegis("doctor").contains("virtualization: tcg");
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

    /** The base image's files. */
    Path baseFiles() throws IOException {
        Path root = scratch("base").resolve("root");
        if (Files.notExists(root)) {
            Tool.run("fsck.erofs", "--extract=" + root, MachineFacts.guestFile(this, "base"));
        }
        return root;
    }

    /** Runs the {@code aegis} command of this home, as a whole process; returns what it wrote to stdout. */
    String aegis(String... arguments) throws IOException {
        return Tool.run(directory
                .prepare(directory.command("aegis", arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    DaemonClient client() {
        return new DaemonClient(home().socket());
    }

    /** Asks the daemon, on a new connection. */
    <A> A call(RouteCall<A> call) throws IOException {
        try (DaemonClient client = client()) {
            return client.call(call);
        }
    }

    /** The pid of the daemon. */
    long daemon() throws IOException {
        return call(Routes.STATUS.to()).pid();
    }

    /** Returns when the main process of the new instance has started. */
    Instance start(CreateInstance create) throws IOException {
        return new Instance(
                this, call(Routes.CREATE.with(create).flag("wait", true)).id());
    }

    /** Starts an instance and deletes it; returns how it booted. */
    BootView boot(CreateInstance create) throws IOException {
        try (Instance instance = start(create)) {
            return instance.boot();
        }
    }

    /** Milliseconds until the main process of a new instance had started, in this way and no other. */
    double startMillis(CreateInstance create, String mode) throws IOException {
        return millis(boot(create), mode);
    }

    /** Milliseconds that a boot took, in this way and no other. */
    static double millis(BootView boot, String mode) throws IOException {
        Double total = boot.totalMs();
        if (total == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return total;
    }

    /** Starts such instances until one came from its template, which is made beside the first ones. */
    void awaitTemplate(CreateInstance create) throws IOException {
        String mode = "";
        for (int i = 0; i < STARTS_BEFORE_A_TEMPLATE && !mode.equals("template"); i++) {
            mode = boot(create).mode();
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
            aegis("down");
            directory.delete();
            TestHome.delete(scratch);
        }
    }
}
