package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.Messages.Envelope;
import dev.aegisvm.guest.protocol.Streams.Wish;
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

    private final Multiplexer mux;
    private final Notifications notifications;
    private final GuestRequests requests;
    private final Map<Long, Pending<?>> pending = new HashMap<>();
    private long lastId;
    private @Nullable IOException over;

    private Calls(Multiplexer mux, Notifications notifications, Gateway gateway) {
        this.mux = mux;
        this.notifications = notifications;
        this.requests = new GuestRequests(this::begin, gateway);
    }

    /** Gets the guest's notifications, on the session's reading thread: must not block. */
    public interface Notifications {
        void exited(FromGuest.Exited exited) throws ProtocolViolation;

        void ready(FromGuest.Ready ready) throws ProtocolViolation;

        void over(IOException cause);
    }

    /** Begins the session: calls can be made, notifications arrive, and the gateway gets the guest's requests. */
    public static Calls start(Multiplexer mux, Notifications notifications, Gateway gateway) {
        Calls calls = new Calls(mux, notifications, gateway);
        mux.start(calls.new Incoming());
        return calls;
    }

    /** Makes a call that names no stream and waits for the answer. */
    public <R extends FromGuest.Result> R call(ToGuest<R> call, Duration timeout) throws CallFailed {
        return call(_ -> call, timeout);
    }

    /** Makes a call that names streams, opened for it, and waits for the answer; they are over when the call fails. */
    public <R extends FromGuest.Result> R call(Wish<R> wish, Duration timeout) throws CallFailed {
        Streams streams = new Streams(mux);
        try {
            return send(wish, streams).await(timeout);
        } catch (CallFailed e) {
            if (e.code() == CallFailed.TIMED_OUT) {
                streams.reset();
            } else {
                streams.forget();
            }
            throw e;
        }
    }

    /**
     * Makes a call that names streams, which may be used at once. The answer has no time limit; when it is a failure,
     * the streams are over. What depends on it must not block.
     */
    public <R extends FromGuest.Result> CompletableFuture<R> begin(Wish<R> wish) throws CallFailed {
        Streams streams = new Streams(mux);
        try {
            return send(wish, streams).future().whenComplete((_, failure) -> {
                if (failure != null) {
                    streams.forget();
                }
            });
        } catch (CallFailed e) {
            streams.forget();
            throw e;
        }
    }

    /** Opening and sending are one step, so the guest sees ids in their order. */
    private synchronized <R extends FromGuest.Result> Pending<R> send(Wish<R> wish, Streams streams) throws CallFailed {
        ToGuest<R> call = wish.with(streams);
        Pending<R> entry = new Pending<>(call);
        mux.sendMessage(enter(call, entry));
        return entry;
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

    /** A call, made while nothing else is sent. */
    public interface Turn {
        void call(ToGuest.Simple call) throws CallFailed;
    }

    /** What is done while nothing else is sent. */
    public interface TurnTask {
        void run(Turn turn) throws IOException;
    }

    /** Does something after all that is on its way; until it is done, the guest is sent its calls and nothing else. */
    public void alone(Duration timeout, TurnTask task) throws IOException {
        Turn turn = call -> {
            Pending<FromGuest.Done> entry = new Pending<>(call);
            byte[] message = enter(call, entry);
            try {
                mux.sendAlone(message, timeout);
            } catch (IOException gone) {
                throw CallFailed.sessionOver(gone);
            }
            var _ = entry.await(timeout);
        };
        mux.alone(timeout, () -> task.run(turn));
    }

    /** A call that is about to be sent, and its message. */
    private synchronized byte[] enter(ToGuest<?> call, Pending<?> entry) throws CallFailed {
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
        pending.put(id, entry);
        return message;
    }

    private synchronized Optional<Pending<?>> answered(long id) {
        return Optional.ofNullable(pending.remove(id));
    }

    private synchronized Map<Long, Pending<?>> end(IOException cause) {
        over = cause;
        Map<Long, Pending<?>> rest = Map.copyOf(pending);
        pending.clear();
        return rest;
    }

    private final class Incoming implements Multiplexer.ControlHandler {
        @Override
        public boolean message(byte[] json) throws ProtocolViolation {
            Envelope envelope = Messages.envelope(json);
            Long id = envelope.id();
            String method = envelope.method();
            if (id != null && method == null) {
                Pending<?> call = answered(id)
                        .orElseThrow(() -> new ProtocolViolation("an answer to call " + id + ", which expects none"));
                boolean last = call.last() && envelope.error() == null;
                if (last) {
                    mux.leave();
                }
                call.complete(envelope);
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
                case "cut" -> requests.cut();
                case "resolve" -> requests.resolve(Messages.read(params, FromGuest.Resolve.class));
                default -> throw new ProtocolViolation("a control message with an unknown notification");
            }
        }

        @Override
        public void over(IOException cause) {
            end(cause).values().forEach(call -> call.future().completeExceptionally(CallFailed.sessionOver(cause)));
            notifications.over(cause);
        }
    }

    private record Pending<R extends FromGuest.Result>(
            String method, Class<R> type, boolean last, CompletableFuture<R> future) {
        Pending(ToGuest<R> call) {
            this(call.method(), call.answer(), call instanceof ToGuest.Park, new CompletableFuture<>());
        }

        void complete(Envelope envelope) throws ProtocolViolation {
            Envelope.Failure error = envelope.error();
            if (error != null) {
                future.completeExceptionally(error.exception(method));
                return;
            }
            try {
                future.complete(Messages.read(envelope.result(), type));
            } catch (ProtocolViolation e) {
                future.completeExceptionally(CallFailed.sessionOver(e));
                throw e;
            }
        }

        R await(Duration timeout) throws CallFailed {
            try {
                return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw failed("no answer from the guest within " + timeout.toMillis() + " ms", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failed("interrupted while waiting for the guest", e);
            } catch (ExecutionException e) {
                throw cause(e);
            }
        }

        private CallFailed failed(String message, Exception cause) {
            CallFailed failure = new CallFailed(CallFailed.TIMED_OUT, method + ": " + message);
            failure.initCause(cause);
            return failure;
        }

        /** A copy with the stack of this thread; the first was made on the reader's. */
        private CallFailed cause(ExecutionException e) {
            if (e.getCause() instanceof CallFailed original) {
                CallFailed failure = new CallFailed(
                        original.code(), String.valueOf(original.getMessage()), original.errno(), original.path());
                failure.initCause(original.getCause());
                return failure;
            }
            return failed("an unexpected failure", e);
        }
    }
}
