package dev.aegisvm.daemon.guest;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * One session with the harness of a guest, from HELLO until the channel closes.
 *
 * <p>Every call blocks until the answer, at most for its time limit. The guest is not trusted: whatever it sends, the worst is
 * that this session ends, with the reason in {@link #closed()}.
 */
@SuppressWarnings("DoNotCallSuggester") // until the calls are there
public final class GuestSession implements AutoCloseable {
    private GuestSession() {}

    /**
     * Says HELLO over the channel and waits for the answer. The session owns the channel from now on, also when this fails.
     *
     * @param timeout for the HELLO
     */
    public static GuestSession open(ByteChannel channel, Duration timeout) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    public Health health(Duration timeout) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Mounts block devices such as {@code vda} (root) and {@code vdb} (disk), and moves into them. Once per boot. */
    public void mount(String root, String disk) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    public void identify(Identity identity) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Sets the guest's wall clock. */
    public void clock(Instant now) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Starts the main process, once per boot; its exec id is {@link ProcessSpec#MAIN}. */
    public GuestProcess run(ProcessSpec spec) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    public GuestProcess exec(ProcessSpec spec) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Connects to a port (1..65535) of the guest's loopback. */
    public GuestConnection connect(int port, Duration timeout) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Writes what the guest's file systems hold in memory to their disks. */
    public void sync(Duration timeout) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** From now until the next HELLO, the guest waits for a host when the channel closes, instead of powering off. */
    public void park() throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Asks the guest to end its processes (SIGTERM, after the grace SIGKILL) and to power off; returns at once. */
    public void shutdown(Duration grace) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Completes when the session is over: normally after {@link #close()} or when the guest hung up, exceptionally with a
     * ProtocolViolation that says what the guest did.
     */
    public CompletableFuture<Void> closed() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Closes the channel: calls, streams and exits that wait fail. The guest powers off unless it is parked. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("not yet");
    }
}
