package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import dev.aegisvm.vmm.*;
import org.jspecify.annotations.Nullable;

/**
 * One session with the harness of a guest, from HELLO until the channel closes.
 *
 * <p>Every call blocks until the answer, at most for its time limit. The guest is not trusted: whatever it sends, the
 * worst is that this session ends, with the reason in {@link #closed()}.
 */
public final class GuestSession implements AutoCloseable {
    /** For calls without a limit of their own; a guest under emulation on a busy host is slow. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    private static final String NIC = "eth0";
    private static final int ENTROPY_BYTES = 64;
    private static final int MACHINE_ID_BYTES = 16;
    /** A century: more than a guest can have used. */
    private static final Duration MAX_TIME = Duration.ofDays(36_500);

    private static final int LAST_PORT = 65535;
    private static final int FILES_AT_A_TIME = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SessionProcesses processes;
    private final Calls calls;
    /** A harness works on {@value #FILES_AT_A_TIME} files at a time; a request may need two at once. */
    private final Semaphore fileTurns = new Semaphore(FILES_AT_A_TIME / 2, true);

    /** Says HELLO over a blocking channel, which the session owns from now on. What is asked for follows at once. */
    GuestSession(ByteChannel channel, Gateway gateway, SessionProcesses processes) {
        this.processes = processes;
        this.calls = Calls.start(channel, processes, gateway);
    }

    /** The same, and waits for the answer; a channel on which none comes in time is closed. */
    public static GuestSession open(ByteChannel channel, Duration timeout) throws IOException {
        GuestSession session = new GuestSession(channel, Gateway.NONE, new SessionProcesses(false, false));
        session.awaitGreeting(timeout);
        return session;
    }

    void awaitGreeting(Duration timeout) throws IOException {
        calls.awaitGreeting(timeout);
    }

    SessionProcesses nextProcesses(Supplier<GuestSession> latest) {
        return processes.next(call -> latest.get().call(call, CALL_LIMIT));
    }

    /** Closes it where there will be no further session: the end of the main process will not be heard of. */
    void end() {
        close();
        processes.lose(new IOException("the guest session is over"));
    }

    public Health health(Duration timeout) throws GuestException {
        FromGuest.Health health = call(new ToGuest.Health(), timeout);
        // A guest may say anything; what is bounded can be reckoned with, in nanoseconds too.
        Duration cpu = Duration.ofMillis(Math.clamp(health.cpuMs(), 0, MAX_TIME.toMillis()));
        return new Health(cpu, Math.max(0, health.netBytes()));
    }

    /** Something that the guest was asked for. It does one after the other, in the order in which it was asked. */
    public interface Asked<T> {
        /** Waits until it is done, or refused. */
        T await() throws GuestException;
    }

    /** Mounts root and disk, and moves into them. Once per boot. */
    public Asked<?> mount(GuestDevices devices) {
        return ask(new ToGuest.Mount(devices.root(), devices.disk(), nanoseconds(Instant.now())));
    }

    /** Mounts what the host shares by that tag, in this order. After {@link #mount}, once. */
    public Asked<?> share(String tag, List<GuestMount> mounts) {
        List<ToGuest.MountShare> shares = new ArrayList<>();
        for (GuestMount mount : mounts) {
            String directory = mounts.size() > 1 ? VmSpec.Share.name(shares.size()) : null;
            shares.add(new ToGuest.MountShare(directory, mount.path(), mount.readOnly()));
        }
        return ask(new ToGuest.Share(tag, shares));
    }

    /** A share at an absolute path. */
    public record GuestMount(String path, boolean readOnly) {}

    /**
     * Makes the guest this one, after each boot or restore. It gets fresh entropy, a new machine id and the clock of
     * this moment, so that two guests of one template share nothing. Where this or a mount fails, no main process starts.
     *
     * @param hostname also written to /etc/hostname and /etc/hosts
     * @param network the addresses of its interface; absent: it has no network of its own
     */
    public Asked<?> identify(String hostname, Optional<Network> network, boolean gateway) {
        ToGuest.Network nic = network.map(
                        config -> new ToGuest.Network(NIC, config.address(), config.gateway(), config.dns()))
                .orElse(null);
        ToGuest.Identify call = new ToGuest.Identify(
                Base64.getEncoder().encodeToString(random(ENTROPY_BYTES)),
                nanoseconds(Instant.now()),
                hostname,
                HexFormat.of().formatHex(random(MACHINE_ID_BYTES)),
                nic,
                gateway);
        return ask(call);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    public void clock(Instant now) throws GuestException {
        call(new ToGuest.Clock(nanoseconds(now)), CALL_LIMIT);
    }

    private static long nanoseconds(Instant instant) {
        return ChronoUnit.NANOS.between(Instant.EPOCH, instant);
    }

    /** Starts a process: once per boot the main one, whose exec id is {@link ProcessSpec#MAIN}, or any other. */
    public Asked<GuestProcess> start(ProcessSpec spec) {
        return start(spec, process -> process.startCall(spec));
    }

    /**
     * Tells the guest that it is about to be copied, has that done while nothing else is sent, and lets its processes
     * go on. What clients send meanwhile comes after that: until then, a directory of the host is not in its place. In
     * a copy the processes stand still until {@link #adopt}.
     *
     * @return false where the copy cost this session its channel, and {@link #release} must be told on the next
     */
    public boolean checkpoint(Duration timeout, Multiplexer.IoTask copying) throws IOException {
        try {
            return calls.checkpoint(timeout, copying);
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
    }

    /** It was copied: its processes go on. */
    public void release() throws GuestException {
        call(new ToGuest.Release(), CALL_LIMIT);
    }

    /** Takes over the main process of a copy; all others of it end. */
    public Asked<GuestProcess> adopt() {
        return start(ProcessSpec.of(ProcessSpec.MAIN, List.of("main"), Map.of()), GuestProcess::adoptCall);
    }

    /** A TCP connection to a port (1..65535) of the guest's loopback. */
    public GuestStream connect(int port, Duration timeout) throws GuestException {
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 1.." + LAST_PORT);
        }
        try {
            Sent<FromGuest.Done> sent = calls.begin(
                    streams -> new ToGuest.Connect(streams.open(Direction.BOTH).id(), port));
            var _ = sent.await(timeout);
            return sent.stream();
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
    }

    /** The guest's files as a user of the guest sees them, root when absent. */
    public GuestFiles files(Optional<String> user) {
        return new GuestFiles(calls, user.orElse(null), null, null);
    }

    /** Each operation on files takes one meanwhile. */
    public Semaphore fileTurns() {
        return fileTurns;
    }

    /** Writes what the guest holds of its file systems to their disks: all, or that of an absolute path. */
    public void sync(Optional<String> path, Duration timeout) throws GuestException {
        call(new ToGuest.Sync(path.orElse(null)), timeout);
    }

    /**
     * Parks the guest: until the next HELLO it waits for a host when the channel closes, instead of powering off. That
     * ends the session and hands the channel back to the caller, open and silent.
     */
    public void park(Duration timeout) throws IOException {
        calls.park(timeout);
    }

    /** Asks the guest to end its processes (SIGTERM, after the grace SIGKILL) and to power off; returns at once. */
    public void shutdown(Duration grace) throws GuestException {
        call(new ToGuest.Shutdown(grace.toMillis()), CALL_LIMIT);
    }

    /**
     * Completes when the session is over: normally after {@link #close()} or when the guest hung up, exceptionally with
     * a ProtocolViolation that says what the guest did.
     */
    public CompletableFuture<Void> closed() {
        return calls.closed();
    }

    /** Closes the channel: waiting calls, streams and exits fail. The guest powers off unless parked. Idempotent. */
    @Override
    public void close() {
        calls.close();
    }

    private Asked<GuestProcess> start(ProcessSpec spec, Function<GuestProcess, ToGuest<FromGuest.Started>> asking) {
        AtomicReference<@Nullable GuestProcess> entered = new AtomicReference<>();
        try {
            Sent<FromGuest.Started> sent = calls.begin(streams -> asking.apply(enter(spec, streams, entered)));
            GuestProcess process = Objects.requireNonNull(entered.getPlain());
            return () -> started(process, sent);
        } catch (CallFailed e) {
            Optional.ofNullable(entered.getPlain()).ifPresent(processes::remove);
            return refused(e);
        }
    }

    private GuestProcess started(GuestProcess process, Sent<FromGuest.Started> sent) throws GuestException {
        try {
            process.started(sent.await(CALL_LIMIT).pid());
            return process;
        } catch (CallFailed e) {
            // One that may still start keeps its place, so that its exit is no surprise.
            if (e.code() != CallFailed.TIMED_OUT) {
                processes.remove(process);
            }
            throw new GuestException(e);
        }
    }

    /** Opens the streams of a process and enters it among the running ones, in the moment the call is made. */
    private GuestProcess enter(ProcessSpec spec, Sent.Opener streams, AtomicReference<@Nullable GuestProcess> entered)
            throws CallFailed {
        GuestProcess process = new GuestProcess(spec, streams, call -> call(call, CALL_LIMIT));
        processes.add(process);
        entered.setPlain(process);
        return process;
    }

    private <R extends FromGuest.Result> Asked<R> ask(ToGuest<R> call) {
        try {
            Sent<R> sent = calls.begin(_ -> call);
            return () -> {
                try {
                    return sent.await(CALL_LIMIT);
                } catch (CallFailed e) {
                    throw new GuestException(e);
                }
            };
        } catch (CallFailed e) {
            return refused(e);
        }
    }

    private static <T> Asked<T> refused(CallFailed cause) {
        GuestException refusal = new GuestException(cause);
        return () -> {
            throw refusal;
        };
    }

    private <R extends FromGuest.Result> R call(ToGuest<R> call, Duration timeout) throws GuestException {
        try {
            return calls.call(call, timeout);
        } catch (CallFailed e) {
            throw new GuestException(e);
        }
    }

    /**
     * What the harness says of the guest.
     *
     * @param cpu time that all processes of the guest used since boot, user and system
     * @param netBytes received and sent since boot by all interfaces but the loopback
     */
    public record Health(Duration cpu, long netBytes) {}
}
