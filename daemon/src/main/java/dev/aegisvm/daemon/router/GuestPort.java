package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.LiveVm;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.guest.protocol.GuestStream;
import org.jspecify.annotations.Nullable;

/**
 * A port of a guest, for those who connect to it.
 *
 * <p>A guest that has just woken may not listen yet. Until the first connection to a VM has succeeded, connections are
 * tried one at a time, so that a thousand clients do not make a thousand attempts every few milliseconds.
 */
final class GuestPort {
    /** How long a client waits until the guest runs, and then once more until its server listens, at most. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    /** The least time for an attempt, so that the last one is answered too. The limit can be exceeded by this. */
    private static final long MIN_ATTEMPT_NANOS = 1_000_000_000;

    private static final long MIN_PAUSE_MS = 2;
    private static final long MAX_PAUSE_MS = 1000;
    /** Each pause is this part of the wait so far: attempts cost the guest time that its server needs to start. */
    private static final int PAUSE_SHARE = 10;

    private static final int CONNECTION_REFUSED = 111;

    private final Reachable instance;
    private final ExposedPort port;
    private final Clients.Port clients;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile @Nullable LiveVm answered;

    GuestPort(Reachable instance, ExposedPort port, Clients clients) {
        this.instance = instance;
        this.port = port;
        this.clients = clients.port(1, !speaksHttp());
    }

    /** Whether its clients ask first, and in HTTP, as far as we are told. */
    boolean speaksHttp() {
        return port.protocol() != PortProtocol.TCP;
    }

    Clients.Port clients() {
        return clients;
    }

    String name() {
        return instance.name();
    }

    Connections connections() {
        return instance.connections();
    }

    /** A client sent something over an open connection: wakes a paused VM. */
    void sent() {
        instance.wake("a client sent something to port " + port.guestPort());
    }

    void failed(Exception reason) {
        instance.log("a connection to port " + port.guestPort() + " was closed: " + reason.getMessage());
    }

    /** Waits for one of the guest's places, which is given back when what this returns is closed. */
    Closeable place(SocketChannel client) throws IOException, InterruptedException {
        Semaphore places = connections().places();
        if (!places.tryAcquire(0, TimeUnit.SECONDS)) {
            awake();
            awaitPlace(places, client);
        }
        return places::release;
    }

    private void awaitPlace(Semaphore places, SocketChannel client) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!places.tryAcquire(1, TimeUnit.SECONDS)) {
            requireOpen(client);
            clients.makeRoom();
            if (System.nanoTime() > deadline) {
                throw new IOException("the guest has reached its limit of connections; close some of them");
            }
        }
    }

    private LiveVm awake() {
        return instance.awake("a client connected to port " + port.guestPort(), LIMIT);
    }

    private static void requireOpen(SocketChannel client) throws IOException {
        if (!client.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    /** Connects; waits until the guest is awake, and then until its server listens, for {@link #LIMIT} each. */
    GuestStream connect(SocketChannel client) throws IOException, InterruptedException {
        LiveVm vm = awake();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        @Nullable GuestStream connection = null;
        while (connection == null) {
            requireOpen(client);
            connection = vm.equals(answered) ? attempt(vm.guest(), deadline) : connectInTurn(vm, deadline);
        }
        return connection;
    }

    /** Null when another connection has succeeded meanwhile. */
    private @Nullable GuestStream connectInTurn(LiveVm vm, long deadline) throws IOException, InterruptedException {
        if (!turn.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw nothingListens();
        }
        try {
            return vm.equals(answered) ? null : connectWhenItListens(vm, deadline);
        } finally {
            turn.unlock();
        }
    }

    private GuestStream connectWhenItListens(LiveVm vm, long deadline) throws IOException, InterruptedException {
        long since = System.nanoTime();
        @Nullable GuestStream connection = attempt(vm.guest(), deadline);
        while (connection == null) {
            long now = System.nanoTime();
            long pause =
                    Math.clamp(TimeUnit.NANOSECONDS.toMillis(now - since) / PAUSE_SHARE, MIN_PAUSE_MS, MAX_PAUSE_MS);
            if (TimeUnit.NANOSECONDS.toMillis(deadline - now) <= pause) {
                throw nothingListens();
            }
            awaitEnd(vm.guest(), pause);
            connection = attempt(vm.guest(), deadline);
        }
        answered = vm;
        return connection;
    }

    /** Null when no program listens, or the guest accepts no more connections now. */
    private @Nullable GuestStream attempt(GuestSession guest, long deadline) throws IOException, InterruptedException {
        long left = deadline - System.nanoTime();
        if (!connections().pending().tryAcquire(left, TimeUnit.NANOSECONDS)) {
            throw new IOException("too many connections are being opened at once; try again in a moment");
        }
        try {
            long patience = Math.max(deadline - System.nanoTime(), MIN_ATTEMPT_NANOS);
            return guest.connect(port.guestPort(), Duration.ofNanos(patience));
        } catch (GuestException refusal) {
            boolean nothingListens = refusal.errno().orElse(0) == CONNECTION_REFUSED;
            if (!nothingListens && refusal.reason() != GuestException.Reason.TOO_MANY) {
                throw refusal;
            }
            answered = null;
            return null;
        } finally {
            connections().pending().release();
        }
    }

    /** Waits for a moment; fails when the guest ends. */
    private static void awaitEnd(GuestSession guest, long millis) throws IOException, InterruptedException {
        try {
            guest.closed().get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException alive) {
            return;
        } catch (ExecutionException | CompletionException broken) {
            throw new IOException("the VM ended: " + broken.getCause(), broken);
        }
        throw new IOException("the VM ended");
    }

    private IOException nothingListens() {
        return new IOException("nothing in the guest listens on it after " + LIMIT.toSeconds() + " s");
    }
}
