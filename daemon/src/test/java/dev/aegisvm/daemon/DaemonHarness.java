package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.guest.HarnessVmm;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.daemon.router.Clients;
import dev.aegisvm.host.Cgroup;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.host.Uids;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.fake.*;
import org.jspecify.annotations.Nullable;

/** A daemon on a home of its own and a fake hypervisor, as a test needs it. */
final class DaemonHarness implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[0-9a-f]+)\"");
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Clients NO_LIMIT = Clients.of(OptionalLong.empty());

    static final Jail JAIL = new Jail(
            Path.of("..", "host", "jail", "build", Jail.PROGRAM)
                    .toAbsolutePath()
                    .normalize(),
            new Jail.Rules(new Uids(1, 0), Cgroup.none("in a test"), false),
            List.of());

    final FakeVmm vmm;
    final Home home;
    final Http http;
    static final long HOST_MB = 32_768;

    /** What the host says is left of that. */
    volatile long availableMb = HOST_MB;
    /** What asking the host throws, in the thread of whoever asks. */
    volatile @Nullable Error bug;

    private final Map<String, String> environment = new HashMap<>();
    private final Vmm used;
    private final Daemon.Bounds bounds;
    final ForeignBudget budget = ForeignBudget.of(512 << 20, OptionalLong.empty());
    /** What guests reach through the gateway. */
    final SmallWorld world = new SmallWorld();

    private Daemon daemon;

    /** Where its home is, and where a test may put files. */
    final Path directory;

    /** Whether the directory is removed at the end. */
    private boolean own;

    private DaemonHarness(Path directory, Optional<Vmm> another, Duration attachWithin, Clients clients)
            throws IOException, HomeException {
        this.directory = directory;
        this.bounds = new Daemon.Bounds(attachWithin, clients, budget);
        this.vmm = another.orElse(null) instanceof FakeVmm fake ? fake : new FakeVmm();
        this.used = another.orElse(vmm);
        environment.put("AEGIS_HOME", directory.resolve("home").toString());
        environment.put("AEGIS_ROUTER_ADDR", "127.0.0.1:0");
        this.home = Home.of(environment, PrivateDirectory.ourUid(), false);
        this.http = new Http(home.socket());
        this.daemon = Daemon.open(
                home,
                Config.read(home.config(), environment),
                used,
                new Daemon.Host(new Admission(this::memory, OptionalLong.of(HOST_MB)), JAIL, world.world(home)),
                bounds);
    }

    private OptionalLong memory() {
        Error thrown = bug;
        if (thrown != null) {
            throw thrown;
        }
        return OptionalLong.of(availableMb);
    }

    /** One for a field that is {@code @AutoClose}, in a directory of its own, which is removed at the end. */
    static DaemonHarness open() {
        return open(Profile.QEMU);
    }

    /** The same, with VMs of this kind. */
    static DaemonHarness open(Profile profile) {
        try {
            DaemonHarness opened = openWith(Files.createTempDirectory("aegis-daemon-"), new FakeVmm(profile));
            opened.own = true;
            return opened;
        } catch (IOException | HomeException obstacle) {
            throw new AssertionError("the daemon does not start", obstacle);
        }
    }

    static DaemonHarness open(Path directory) throws IOException, HomeException {
        return new DaemonHarness(directory, Optional.empty(), LONG, NO_LIMIT);
    }

    static DaemonHarness openWith(Path directory, Vmm vmm) throws IOException, HomeException {
        return openWith(directory, vmm, LONG);
    }

    /** @param attachWithin how long an ephemeral instance waits for its client */
    static DaemonHarness openWith(Path directory, Vmm vmm, Duration attachWithin) throws IOException, HomeException {
        return new DaemonHarness(directory, Optional.of(vmm), attachWithin, NO_LIMIT);
    }

    /** One with room for few clients at its ports. */
    static DaemonHarness openWith(Path directory, Clients.Limits limits) throws IOException, HomeException {
        return new DaemonHarness(directory, Optional.empty(), LONG, new Clients(limits));
    }

    /** One whose guests are the harness's own program on this machine. */
    static DaemonHarness openWithHarness(Path directory) throws IOException, HomeException {
        return new DaemonHarness(directory, Optional.of(new HarnessVmm()), LONG, NO_LIMIT);
    }

    /** Ends the daemon in good order and starts another one on the same home. */
    void restart() throws HomeException {
        daemon.close();
        daemon = Daemon.open(
                home,
                Config.read(home.config(), environment),
                used,
                new Daemon.Host(new Admission(this::memory, OptionalLong.of(HOST_MB)), JAIL, world.world(home)),
                bounds);
    }

    /** Creates an instance and returns its id. */
    String create(String body) throws IOException {
        Http.Answer answer = http.post("/v1/instances", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        Matcher id = ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    void awaitState(String name, String state) {
        await().untilAsserted(() ->
                assertThat(http.get("/v1/instances/" + name).body()).contains("\"state\":\"" + state + "\""));
    }

    /** Creates an instance that runs until it is stopped, and waits until it runs. */
    String running(String handle) throws IOException {
        String id = create("{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\"}");
        awaitState(handle, "running");
        return id;
    }

    /** Waits until the latest event of an instance says that it came into a state, those included that clients do not see. */
    void awaitTold(String handle, String state) {
        await().untilAsserted(() -> assertThat(http.get("/v1/events")
                        .body()
                        .lines()
                        .filter(line -> line.contains("\"handle\":\"" + handle + "\""))
                        .reduce("", (earlier, later) -> later))
                .contains("\"to\":\"" + state + "\""));
    }

    /** Asks for something that takes its time. */
    CompletableFuture<Http.Answer> later(String method, String path) {
        return later(method, path, "");
    }

    CompletableFuture<Http.Answer> later(String method, String path, String body) {
        CompletableFuture<Http.Answer> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(http.send(method, path, body));
            } catch (IOException | RuntimeException failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** Asks for something whose answer does not matter. */
    private void begin(String method, String path) {
        var _ = later(method, path);
    }

    /** Brings a new instance into a state, and holds it there if it is one that passes. */
    void bring(String handle, String state) throws IOException {
        String path = "/v1/instances/" + handle;
        switch (state) {
            case "starting", "aborting" -> {
                vmm.holdBack(FakeVmm.Moment.START, new CompletableFuture<>());
                create("{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\"}");
                if (state.equals("aborting")) {
                    begin("POST", path + "/stop");
                }
            }
            case "running" -> running(handle);
            case "stopped" -> after(handle, path + "/stop");
            case "disabled" -> after(handle, path + "/disable");
            case "paused" -> after(handle, path + "/pause");
            case "pausing" -> during(FakeVmm.Moment.PAUSE, handle, path + "/pause");
            case "stopping" -> during(FakeVmm.Moment.SHUTDOWN, handle, path + "/stop");
            case "resuming" -> {
                after(handle, path + "/pause");
                vmm.holdBack(FakeVmm.Moment.RESUME, new CompletableFuture<>());
                begin("POST", path + "/resume");
            }
            case "deleting" -> {
                running(handle);
                vmm.holdBack(FakeVmm.Moment.KILL, new CompletableFuture<>());
                begin("DELETE", path);
            }
            default -> throw new IllegalArgumentException(state);
        }
        awaitTold(handle, state);
    }

    private void after(String handle, String path) throws IOException {
        running(handle);
        assertThat(http.post(path, "").status()).isEqualTo(200);
    }

    private void during(FakeVmm.Moment moment, String handle, String path) throws IOException {
        running(handle);
        vmm.holdBack(moment, new CompletableFuture<>());
        begin("POST", path);
    }

    @Override
    public void close() {
        end();
        try {
            if (own) {
                PrivateDirectory.remove(directory);
            }
        } catch (IOException stillUsed) {
            throw new UncheckedIOException(stillUsed);
        }
    }

    /** Ends the daemon; its home stays. */
    void end() {
        vmm.release();
        daemon.close();
    }
}
