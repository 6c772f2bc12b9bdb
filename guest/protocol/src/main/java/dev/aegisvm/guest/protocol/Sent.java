package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import dev.aegisvm.guest.protocol.Messages.Envelope;

/** A call on its way, and the streams that it names, which may be used at once; they are over when it fails. */
public final class Sent<R extends FromGuest.Result> {
    private final String method;
    private final Class<R> type;
    private final boolean last;
    private final List<GuestStream> streams;
    private final Multiplexer mux;
    private final CompletableFuture<R> answer = new CompletableFuture<>();

    Sent(ToGuest<R> call, List<GuestStream> streams, Multiplexer mux) {
        this.method = call.method();
        this.type = call.answer();
        this.last = call instanceof ToGuest.Park;
        this.streams = streams;
        this.mux = mux;
    }

    /** Opens a stream that a call names, in the moment the call is made. */
    public interface Opener {
        GuestStream open(Direction direction) throws CallFailed;
    }

    /** Makes a call of the streams that are opened for it. */
    public interface Wish<R extends FromGuest.Result> {
        ToGuest<R> with(Opener streams) throws CallFailed;
    }

    /** Whether the session is over with its answer. */
    boolean isLast() {
        return last;
    }

    /** That of a call that names one. */
    public GuestStream stream() {
        return streams.getFirst();
    }

    void complete(Envelope envelope) throws ProtocolViolation {
        Envelope.Failure error = envelope.error();
        if (error != null) {
            fail(error.exception(method));
            return;
        }
        try {
            answer.complete(Messages.read(envelope.result(), type));
        } catch (ProtocolViolation e) {
            fail(CallFailed.sessionOver(e));
            throw e;
        }
    }

    void fail(CallFailed failure) {
        streams.forEach(mux::forget);
        answer.completeExceptionally(failure);
    }

    /**
     * Waits for the answer, as often as wanted. The streams of a call that has none by then are over too. What it throws
     * may have the stack of the session's reader.
     */
    public R await(Duration timeout) throws CallFailed {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unanswered("no answer from the guest within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered("interrupted while waiting for the guest", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CallFailed failure ? failure : unanswered("an unexpected failure", e);
        }
    }

    private CallFailed unanswered(String message, Exception cause) {
        streams.forEach(GuestStream::close);
        return new CallFailed(CallFailed.TIMED_OUT, method + ": " + message, 0, null, cause);
    }
}
