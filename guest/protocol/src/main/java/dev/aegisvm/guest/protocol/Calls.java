package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.Messages.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * The JSON-RPC side of a session: calls to the guest with their answers, and its notifications.
 *
 * <p>A call whose caller gave up still counts until the guest answers. So a guest that never answers soon gets no more
 * calls, and an answer without a call is a violation.
 */
public final class Calls {
    /** Calls that wait for an answer at a time; half of them may answer what waits for the gateway. */
    static final int MAX_PENDING = 4 * GuestRequests.MAX_WAITING;

    final Multiplexer mux;
    private final Notifications notifications;
    private final Gateway gateway;
    private final GuestRequests requests;
    private final Map<Long, Sent<?>> pending = new HashMap<>();
    private final CompletableFuture<Void> greeted = new CompletableFuture<>();
    private long lastId;
    private @Nullable IOException over;

    private Calls(ByteChannel channel, Notifications notifications, Gateway gateway) {
        this.mux = new Multiplexer(channel, gateway.memory(), new Incoming());
        this.notifications = notifications;
        this.gateway = gateway;
        this.requests = new GuestRequests(this::begin, gateway);
    }

    /** Gets the guest's notifications, on the session's reading thread: must not block. */
    public interface Notifications {
        /** The guest has answered HELLO; what comes next is of this session. */
        void greeted();

        void exited(FromGuest.Exited exited) throws ProtocolViolation;

        void ready(FromGuest.Ready ready) throws ProtocolViolation;

        void over(IOException cause);
    }

    /**
     * Says HELLO over a blocking channel, which the session owns from now on: calls can be made, and follow it at once;
     * notifications arrive, and the gateway gets the guest's requests.
     */
    public static Calls start(ByteChannel channel, Notifications notifications, Gateway gateway) {
        Calls calls = new Calls(channel, notifications, gateway);
        calls.mux.start();
        return calls;
    }

    /**
     * Waits until the guest has answered HELLO. One that does not in time loses its channel: that also ends the thread
     * that waits for it, which an interrupt must never do.
     */
    public void awaitGreeting(Duration limit) throws IOException {
        try {
            greeted.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            close();
            throw new IOException("the guest did not answer HELLO within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(
                    "the guest did not answer HELLO: " + greeted.exceptionNow().getMessage(), e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for the guest").initCause(e);
        }
    }

    /** Completes at the end: normally when either side hung up, exceptionally with a {@link ProtocolViolation}. */
    public CompletableFuture<Void> closed() {
        return mux.closed();
    }

    /** Closes the channel; everything that waits fails. Idempotent. */
    public void close() {
        mux.close();
    }

    /** Makes a call that names no stream and waits for the answer. */
    public <R extends FromGuest.Result> R call(ToGuest<R> call, Duration timeout) throws CallFailed {
        return begin(_ -> call).await(timeout);
    }

    /** Makes a call. Opening and sending are one step, so the guest sees ids in their order. */
    public synchronized <R extends FromGuest.Result> Sent<R> begin(Sent.Wish<R> wish) throws CallFailed {
        List<GuestStream> opened = new ArrayList<>();
        try {
            ToGuest<R> call = wish.with(direction -> {
                GuestStream stream = mux.open(direction);
                opened.add(stream);
                return stream;
            });
            Sent<R> sent = new Sent<>(call, opened, mux);
            mux.sendMessage(enter(call, sent));
            return sent;
        } catch (CallFailed e) {
            opened.forEach(mux::forget);
            throw e;
        }
    }

    /**
     * Parks the guest, which ends the session and hands the channel back, open and silent: the next session on it
     * begins with a HELLO.
     */
    public void park(Duration timeout) throws CallFailed {
        call(new ToGuest.Park(), timeout);
        try {
            if (mux.awaitLeft(timeout)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new CallFailed(
                CallFailed.TIMED_OUT, "park: timed out after " + timeout.toMillis() + " ms, waiting for the channel");
    }

    /**
     * Tells the guest, after all that is on its way, that it is about to be copied, has that done, and has its processes
     * go on. Until then the guest is sent nothing else.
     *
     * @return false where the copy cost this session its channel, so that the next one must release the guest
     */
    public boolean checkpoint(Duration timeout, Multiplexer.IoTask copying) throws IOException {
        try (var _ = mux.alone(timeout)) {
            boolean released;
            try {
                callAlone(new ToGuest.Checkpoint(), timeout);
                copying.run();
            } finally {
                released = released(timeout);
            }
            return released;
        }
    }

    private boolean released(Duration timeout) throws CallFailed {
        try {
            callAlone(new ToGuest.Release(), timeout);
            return true;
        } catch (CallFailed failure) {
            if (failure.code() != CallFailed.SESSION_OVER) {
                throw failure;
            }
            return false;
        }
    }

    private void callAlone(ToGuest.Simple call, Duration timeout) throws CallFailed {
        Sent<FromGuest.Done> sent = new Sent<>(call, List.of(), mux);
        byte[] message = enter(call, sent);
        try {
            mux.sendAlone(message, timeout);
        } catch (IOException gone) {
            throw CallFailed.sessionOver(gone);
        }
        var _ = sent.await(timeout);
    }

    /** The message of a call that is about to be sent. */
    private synchronized byte[] enter(ToGuest<?> call, Sent<?> sent) throws CallFailed {
        if (over != null) {
            throw CallFailed.sessionOver(over);
        }
        if (pending.size() >= MAX_PENDING) {
            throw new CallFailed(
                    CallFailed.TOO_MANY, call.method() + ": " + pending.size() + " calls to the guest are unanswered");
        }
        long id = lastId + 1;
        byte[] message = Messages.request(id, call);
        if (message.length > FrameReader.MAX_MESSAGE) {
            throw new CallFailed(
                    CallFailed.TOO_MANY,
                    call.method() + ": " + message.length + " bytes of parameters, more than the "
                            + FrameReader.MAX_MESSAGE + " that a guest accepts");
        }
        lastId = id;
        pending.put(id, sent);
        return message;
    }

    private synchronized Optional<Sent<?>> answered(long id) {
        return Optional.ofNullable(pending.remove(id));
    }

    private synchronized List<Sent<?>> end(IOException cause) {
        over = cause;
        List<Sent<?>> rest = List.copyOf(pending.values());
        pending.clear();
        return rest;
    }

    private final class Incoming implements Multiplexer.ControlHandler {
        @Override
        public void greeted() {
            notifications.greeted();
            greeted.complete(null);
        }

        @Override
        public boolean message(byte[] json) throws ProtocolViolation {
            Envelope envelope = Messages.envelope(json);
            Long id = envelope.id();
            String method = envelope.method();
            if (id != null && method == null) {
                Sent<?> sent = answered(id)
                        .orElseThrow(() -> new ProtocolViolation("an answer to call " + id + ", which expects none"));
                boolean last = sent.isLast() && envelope.error() == null;
                if (last) {
                    mux.leave();
                }
                sent.complete(envelope);
                return !last;
            } else if (id == null && method != null) {
                notified(method, envelope.params());
                return true;
            } else {
                throw new ProtocolViolation("a control message that is neither an answer nor a notification");
            }
        }

        private void notified(String method, @Nullable String params) throws ProtocolViolation {
            switch (method) {
                case "exited" -> notifications.exited(Messages.read(params, FromGuest.Exited.class));
                case "ready" -> notifications.ready(Messages.read(params, FromGuest.Ready.class));
                case "dial" -> requests.dial(Messages.read(params, FromGuest.Dial.class));
                case "cut" -> gateway.onCut();
                case "resolve" -> requests.resolve(Messages.read(params, FromGuest.Resolve.class));
                default -> throw new ProtocolViolation("a control message with an unknown notification");
            }
        }

        @Override
        public void over(IOException cause) {
            end(cause).forEach(sent -> sent.fail(CallFailed.sessionOver(cause)));
            greeted.completeExceptionally(cause);
            notifications.over(cause);
        }
    }
}
