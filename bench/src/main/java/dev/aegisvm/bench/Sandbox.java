package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.*;

/**
 * A home of the bench's own with a daemon in it, which the first {@code aegis} starts. It shares the cache with the
 * user's home, so that nothing is prepared twice, and is gone afterwards, also when the bench is interrupted.
 */
final class Sandbox implements AutoCloseable {
    static final CreateInstance ECHO = CreateInstance.of(List.of("echo", "hi"));
    static final CreateInstance IDLE = CreateInstance.of(List.of("sleep", "infinity"));
    /** The memory of guests by which starts and VMs are compared. */
    static final List<Integer> SIZES_MB = List.of(256, 512, 1024, 2048);
    /** What a VM has by default. */
    static final int USUAL_MB = 512;

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

    private Sandbox up(Map<String, String> environment) throws IOException {
        directory.environment().putAll(environment);
        aegis("up");
        return this;
    }

    /** Makes a home, whose daemon keeps no spare machine, so that nothing is made beside what is measured. */
    static Sandbox open(Path checkout) throws IOException {
        return new Sandbox(checkout).up(Map.of());
    }

    /** Another home, with a daemon that keeps a spare machine, as it does by default. */
    Sandbox withSpare() throws IOException {
        return new Sandbox(checkout).up(Map.of("AEGIS_SPARES", "2"));
    }

    /** Another home, whose daemon is on the host of a world. */
    Sandbox within(TestWorld world) throws IOException {
        Sandbox other = new Sandbox(checkout);
        world.takeIn(other.directory);
        return other.up(Map.of());
    }

    /**
     * Another home, with a daemon for which QEMU is this shell script. It has a cache of its own: what it finds out
     * about its QEMU is true for no other daemon.
     */
    Sandbox withQemu(String script) throws IOException {
        Sandbox other = new Sandbox(checkout);
        Path cache = other.scratch("cache");
        Files.copy(home().cache().resolve(AegisHome.GUEST_PROPERTIES), cache.resolve(AegisHome.GUEST_PROPERTIES));
        Path tools = other.scratch("tools");
        Path qemu = Files.writeString(tools.resolve("qemu-system-x86_64"), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
        return other.up(Map.of("AEGIS_CACHE", cache.toString(), "PATH", tools + ":" + TestHome.PATH));
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

    /** What numbers depend on beside the program. */
    Map<String, String> facts() throws IOException {
        String guest = home().cache().resolve(AegisHome.GUEST_PROPERTIES).toString();
        String found = Tool.run("sh", "-c", resource("facts.sh"), "facts.sh", "" + checkout, guest);
        Map<String, String> facts = new LinkedHashMap<>();
        found.lines().map(line -> line.split("\t", 2)).forEach(words -> facts.put(words[0], words[1]));
        facts.put("accelerator", emulated() ? "tcg" : "kvm");
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        return facts;
    }

    /** The file of the guest that has this part in it, {@code kernel} or {@code base}. */
    String guestFile(String part) throws IOException {
        return found("(?m)^" + part + "=(.*)$", home().cache().resolve(AegisHome.GUEST_PROPERTIES));
    }

    /** The base image's files. */
    Path baseFiles() throws IOException {
        Path root = scratch("base").resolve("root");
        if (Files.notExists(root)) {
            Tool.run("fsck.erofs", "--extract=" + root, guestFile("base"));
        }
        return root;
    }

    /** Compiles a program whose source is a resource, to be static, unless it is there. */
    static Path compiled(String name, Path directory) throws IOException {
        Path program = directory.resolve(name);
        if (Files.notExists(program)) {
            Path source = Files.writeString(directory.resolve(name + ".c"), resource(name + ".c"));
            Tool.run("gcc", "-O2", "-static", "-o", program.toString(), source.toString());
        }
        return program;
    }

    static String resource(String name) {
        return TextResource.of(Sandbox.class, name);
    }

    /** The first group of an expression in a file; 0 where it is not there. */
    static String found(String regex, Path file) throws IOException {
        Matcher matcher = Pattern.compile(regex).matcher(Files.readString(file));
        return matcher.find() ? matcher.group(1) : "0";
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

    long daemon() throws IOException {
        return call(Routes.STATUS.to()).pid();
    }

    /** Returns when the main process of the new instance has started. */
    Instance start(CreateInstance create) throws IOException {
        InstanceView made = call(Routes.CREATE.with(create).flag("wait", true));
        List<Integer> ports =
                made.endpoints().stream().map(InstanceView.Endpoint::publicPort).toList();
        return new Instance(this, made.id(), ports);
    }

    /** Milliseconds until the main process of a new instance had started, in this way and no other. */
    double startMillis(CreateInstance create, String mode) throws IOException {
        try (Instance instance = start(create)) {
            return instance.bootMillis(mode);
        }
    }

    /** Starts such instances until one came from its template, which is made beside the first ones. */
    void awaitTemplate(CreateInstance create) throws IOException {
        for (int i = 0; i < STARTS_BEFORE_A_TEMPLATE; i++) {
            try (Instance instance = start(create)) {
                if (instance.boot().mode().equals("template")) {
                    return;
                }
            }
        }
        throw new IOException(
                "instances do not start from a template; the daemon's log: " + Files.readString(home().daemonLog()));
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

    /** An instance whose main process has started, and its ports on the host. To close it deletes it. */
    record Instance(Sandbox sandbox, String id, List<Integer> ports) implements AutoCloseable {
        <A> A call(Route<?, A> route) throws IOException {
            return sandbox.call(route.to(id));
        }

        BootView boot() throws IOException {
            return Objects.requireNonNull(call(Routes.GET).boot(), id);
        }

        /** Milliseconds that its boot took, in this way and no other. */
        double bootMillis(String mode) throws IOException {
            BootView boot = boot();
            if (boot.totalMs() == null || !boot.mode().equals(mode)) {
                throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
            }
            return boot.totalMs();
        }

        /** Memory that its VM shares with others, and that it has alone. */
        MemoryView memory() throws IOException {
            return Objects.requireNonNull(call(Routes.STATS).memory(), id);
        }

        /** Runs {@code aegis exec} in it, as a whole process; returns what that printed. */
        String exec(String... command) throws IOException {
            return sandbox.aegis(Stream.concat(Stream.of("exec", id, "--"), Stream.of(command))
                    .toArray(String[]::new));
        }

        @Override
        public void close() throws IOException {
            call(Routes.DELETE);
        }
    }
}
