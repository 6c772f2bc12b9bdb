package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;

/** A session under test and the guest at its other end. */
final class TestSession implements AutoCloseable, Calls.Notifications {
    static final Duration LIMIT = Duration.ofSeconds(20);

    final SocketPair pair;
    final ScriptedGuest guest;
    final Multiplexer mux;
    final Calls calls;
    final CopyOnWriteArrayList<FromGuest> heard = new CopyOnWriteArrayList<>();

    TestSession() throws Exception {
        this(Gateway.NONE);
    }

    TestSession(Gateway gateway) throws Exception {
        pair = SocketPair.open();
        guest = new ScriptedGuest(pair.guest());
        CompletableFuture<Void> hello = meanwhile(guest::answerHello);
        calls = Calls.start(pair.host(), this, gateway);
        calls.awaitGreeting(LIMIT);
        hello.get();
        mux = calls.mux;
    }

    /** What a guest does while the test does something else. */
    interface Step {
        void run() throws Exception;
    }

    static CompletableFuture<Void> meanwhile(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("scripted-guest").start(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** Asserts that the session ends for a violation that is described so. */
    void assertViolation(String message) {
        CompletableFuture<Void> closed = mux.closed();
        assertThatThrownBy(() -> closed.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(message);
        assertThat(pair.host().isOpen()).isFalse();
    }

    /** Asserts that the session still works: the guest sees a call and the host its answer. */
    void assertAlive() throws Exception {
        CompletableFuture<Void> answer = meanwhile(() -> guest.answer("{}"));
        calls.call(new ToGuest.Sync(null), LIMIT);
        answer.get();
    }

    @Override
    public void greeted() {}

    @Override
    public void exited(FromGuest.Exited exited) {
        heard.add(exited);
    }

    @Override
    public void ready(FromGuest.Ready ready) {
        heard.add(ready);
    }

    @Override
    public void over(IOException cause) {}

    @Override
    public void close() throws IOException {
        mux.close();
        guest.close();
    }
}
