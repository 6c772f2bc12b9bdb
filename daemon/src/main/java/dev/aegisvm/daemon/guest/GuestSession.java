package dev.aegisvm.daemon.guest;

import dev.aegisvm.guest.protocol.CallFailed;
import dev.aegisvm.guest.protocol.Calls;
import dev.aegisvm.guest.protocol.FromGuest;
import dev.aegisvm.guest.protocol.GuestStream;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import dev.aegisvm.guest.protocol.Multiplexer;
import dev.aegisvm.guest.protocol.ToGuest;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One session with the harness of a guest, from HELLO until the channel closes.
 *
 * <p>Every call blocks until the answer, at most for its time limit. The guest is not trusted: whatever it sends, the worst is
 * that this session ends, with the reason in {@link #closed()}.
 */
public final class GuestSession implements AutoCloseable {
    /** The block device with the root file system, in the order of the VM's command line. */
    public static final String ROOT_DEVICE = "vda";

    /** The block device with the instance's own disk. */
    public static final String DISK_DEVICE = "vdb";

    /** For calls without a limit of their own; a guest under emulation on a busy host is slow. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    private static final int ENTROPY_BYTES = 64;
    private static final int LAST_PORT = 65535;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Multiplexer mux;
    private final Processes processes;
    private final Calls calls;

    private GuestSession(Multiplexer mux, Processes processes) {
        this.mux = mux;
        this.processes = processes;
        this.calls = Calls.start(mux, processes);
    }

    /**
     * Says HELLO over the channel and waits for the answer. The session owns the channel from now on, also when this fails.
     *
     * @param channel blocking
     * @param timeout for the HELLO
     */
    public static GuestSession open(ByteChannel channel, Duration timeout) throws IOException {
        return new GuestSession(Multiplexer.open(channel, timeout), new Processes(false));
    }

    /**
     * The same, of a guest that may connect again: its main process outlives the session.
     *
     * @param before the session that this one follows, whose main process it takes over; null for the first one
     */
    static GuestSession renew(ByteChannel channel, Duration timeout, @Nullable GuestSession before) throws IOException {
        Multiplexer mux = Multiplexer.open(channel, timeout);
        return new GuestSession(mux, before == null ? new Processes(true) : before.processes.next());
    }

    /** There will be no further session: the end of the main process will not be heard of. */
    void loseProcesses() {
        processes.lose(new IOException("the guest session is over"));
    }

    public Health health(Duration timeout) throws GuestException {
        FromGuest.Health health = call(new ToGuest.CheckHealth(), timeout);
        return new Health(
                health.version(),
                Duration.ofMillis(health.uptimeMs()),
                health.processes(),
                Duration.ofMillis(health.cpuMs()),
                health.netBytes());
    }

    /** Mounts block devices such as {@code vda} (root) and {@code vdb} (disk), and moves into them. Once per boot. */
    public void mount(String root, String disk) throws GuestException {
        call(new ToGuest.Mount(root, disk), CALL_LIMIT);
    }

    /** Has the guest mount those, run a few programs, and undo it all. Only before {@link #mount}; the disk is written to. */
    public void rehearse(String root, String disk, Duration timeout) throws GuestException {
        call(new ToGuest.Rehearse(root, disk), timeout);
    }

    /** Mounts what the host shares by that tag at an absolute path of the guest. After {@link #mount}. */
    public void share(String tag, String path, boolean readOnly) throws GuestException {
        call(new ToGuest.MountShare(tag, path, readOnly), CALL_LIMIT);
    }

    /** Gives the guest its identity, with fresh entropy and the clock of this moment. */
    public void identify(Identity identity) throws GuestException {
        byte[] entropy = new byte[ENTROPY_BYTES];
        RANDOM.nextBytes(entropy);
        ToGuest.Network network = identity.network().map(GuestSession::network).orElse(null);
        ToGuest.Identify call = new ToGuest.Identify(
                Base64.getEncoder().encodeToString(entropy),
                nanoseconds(Instant.now()),
                identity.hostname(),
                identity.machineId(),
                network,
                identity.hosts().orElse(null));
        call(call, CALL_LIMIT);
    }

    /** Sets the guest's wall clock. */
    public void clock(Instant now) throws GuestException {
        call(new ToGuest.Clock(nanoseconds(now)), CALL_LIMIT);
    }

    /** Starts the main process, once per boot; its exec id is {@link ProcessSpec#MAIN}. */
    public GuestProcess run(ProcessSpec spec) throws GuestException {
        if (!spec.execId().equals(ProcessSpec.MAIN)) {
            throw new IllegalArgumentException("the main process is " + ProcessSpec.MAIN + ", not " + spec.execId());
        }
        return start(spec);
    }

    /** Starts a further process. */
    public GuestProcess exec(ProcessSpec spec) throws GuestException {
        if (spec.execId().equals(ProcessSpec.MAIN)) {
            throw new IllegalArgumentException("only the main process is " + ProcessSpec.MAIN);
        }
        return start(spec);
    }

    /** Connects to a port (1..65535) of the guest's loopback. */
    public GuestConnection connect(int port, Duration timeout) throws GuestException {
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 1.." + LAST_PORT);
        }
        AtomicReference<GuestStream> opened = new AtomicReference<>();
        try {
            calls.call(
                    streams -> {
                        GuestStream stream = streams.open(Direction.BOTH);
                        opened.setPlain(stream);
                        return new ToGuest.Connect(stream.id(), port);
                    },
                    timeout);
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
        return new GuestConnection(opened.getPlain());
    }

    /** The guest's files as a user of the guest sees them, root when absent. */
    public GuestFiles files(Optional<String> user) {
        return new GuestFiles(calls, user);
    }

    /** Writes what the guest's file systems hold in memory to their disks. */
    public void sync(Duration timeout) throws GuestException {
        call(new ToGuest.Sync(null), timeout);
    }

    /** The same for the file system which an absolute path of the guest is on. */
    public void sync(String path, Duration timeout) throws GuestException {
        call(new ToGuest.Sync(path), timeout);
    }

    /**
     * Parks the guest: until the next HELLO it waits for a host when the channel closes, instead of powering off. That ends
     * the session and hands the channel back to the caller, open and silent.
     */
    public void park(Duration timeout) throws GuestException {
        try {
            calls.park(timeout);
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
    }

    /** Asks the guest to end its processes (SIGTERM, after the grace SIGKILL) and to power off; returns at once. */
    public void shutdown(Duration grace) throws GuestException {
        call(new ToGuest.Shutdown(grace.toMillis()), CALL_LIMIT);
    }

    /**
     * Completes when the session is over: normally after {@link #close()} or when the guest hung up, exceptionally with a
     * ProtocolViolation that says what the guest did.
     */
    public CompletableFuture<Void> closed() {
        return mux.closed();
    }

    /** Closes the channel: calls, streams and exits that wait fail. The guest powers off unless it is parked. Idempotent. */
    @Override
    public void close() {
        mux.close();
    }

    private GuestProcess start(ProcessSpec spec) throws GuestException {
        StartCall start = new StartCall(spec, processes, call -> call(call, CALL_LIMIT));
        try {
            long pid = calls.call(start, CALL_LIMIT).pid();
            GuestProcess process = start.process().orElseThrow();
            process.started(pid);
            return process;
        } catch (CallFailed e) {
            // One that may still start keeps its place, so that its exit is no surprise.
            if (e.code() != CallFailed.TIMED_OUT) {
                start.process().ifPresent(processes::remove);
            }
            throw new GuestException(e);
        }
    }

    private <R extends FromGuest.Result> R call(ToGuest<R> call, Duration timeout) throws GuestException {
        try {
            return calls.call(call, timeout);
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
    }

    private static ToGuest.Network network(Identity.Nic network) {
        return new ToGuest.Network(
                network.networkInterface(),
                network.mac().orElse(null),
                network.address(),
                network.gateway(),
                network.dns());
    }

    private static long nanoseconds(Instant instant) {
        return ChronoUnit.NANOS.between(Instant.EPOCH, instant);
    }
}
