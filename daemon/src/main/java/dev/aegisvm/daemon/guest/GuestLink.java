package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.vmm.*;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with the harness of one VM for as long as the VM lives. Most VMs have one channel and one session.
 * Where a guest may connect again ({@link Capabilities#channelReturns}), the newest connection that answers HELLO takes
 * the place of the one before: the main process goes on, commands and streams end with the session that they began in.
 */
public final class GuestLink implements AutoCloseable {
    /** A connection on which no answer comes by then is dead. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private static final Duration FOREVER = Duration.ofDays(1000);

    private final Vm vm;
    private final Gateway gateway;
    private final Consumer<String> notices;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private GuestSession session;
    private boolean frozen;
    /** How often there was another session, or the VM was frozen or thawed: what was waited for before is over. */
    private long turns;

    private GuestLink(Vm vm, GuestSession first, Gateway gateway, Consumer<String> notices) {
        this.vm = vm;
        this.gateway = gateway;
        this.session = first;
        this.notices = notices;
    }

    /**
     * Says HELLO to a guest that boots, and waits for its answer.
     *
     * @param gateway gets what the guest's programs ask of the world outside
     * @param wishes asks the guest for what it is to do first: along with HELLO where a saved one goes on, else after
     *     the answer, since the guest gets its clock of it
     * @param notices is told, in a sentence, that the guest connected again
     */
    public static GuestLink open(
            Vm vm, Duration limit, Gateway gateway, Consumer<GuestSession> wishes, Consumer<String> notices)
            throws IOException {
        GuestLink link = new GuestLink(vm, first(vm, limit, gateway, wishes), gateway, notices);
        link.watch(link.session);
        if (link.renews()) {
            Thread.ofVirtual().name("guest-link").start(link::renewAll);
        }
        return link;
    }

    /** The same, to a guest that runs no program of others. */
    public static GuestLink open(Vm vm, Duration limit) throws IOException {
        return open(vm, limit, Gateway.NONE, _ -> {}, _ -> {});
    }

    private static GuestSession first(Vm vm, Duration limit, Gateway gateway, Consumer<GuestSession> wishes)
            throws IOException {
        boolean copy = vm.origin().mode() == Origin.Mode.SNAPSHOT;
        if (!vm.capabilities().channelReturns().isZero()) {
            GuestSession answered = null;
            for (long end = System.nanoTime() + limit.toNanos(); answered == null; ) {
                Duration left = Duration.ofNanos(end - System.nanoTime());
                answered = ifItAnswers(vm, left, gateway, new SessionProcesses(true, copy));
            }
            wishes.accept(answered);
            return answered;
        }
        GuestSession session = new GuestSession(vm.channel(limit), gateway, new SessionProcesses(false, copy));
        boolean boots = vm.origin().mode() == Origin.Mode.COLD;
        if (!boots) {
            wishes.accept(session);
        }
        session.awaitGreeting(limit);
        if (boots) {
            wishes.accept(session);
        }
        return session;
    }

    /** The session on the next connection; null when it is dead. */
    private static @Nullable GuestSession ifItAnswers(
            Vm vm, Duration limit, Gateway gateway, SessionProcesses processes) throws IOException {
        GuestSession session = new GuestSession(vm.channel(limit), gateway, processes);
        try {
            session.awaitGreeting(ANSWER);
            return session;
        } catch (IOException dead) {
            return null;
        }
    }

    private boolean renews() {
        return !vm.capabilities().channelReturns().isZero();
    }

    private void renewAll() {
        try {
            while (!lost.isDone()) {
                GuestSession before = current();
                GuestSession next = ifItAnswers(vm, FOREVER, gateway, before.nextProcesses(this::session));
                if (next != null) {
                    replace(before, next);
                }
            }
        } catch (IOException ended) {
            // The VM has ended, so nothing can connect any more.
        }
    }

    private void replace(GuestSession before, GuestSession next) {
        synchronized (this) {
            session = next;
            turns++;
            notifyAll();
        }
        before.close();
        if (lost.isDone()) {
            next.end();
            return;
        }
        watch(next);
        notices.accept("the guest reconnected; running commands were cut off, and later output of its main process"
                + " is lost");
    }

    private synchronized GuestSession current() {
        return session;
    }

    private void watch(GuestSession watched) {
        var _ = watched.closed()
                .whenComplete((ended, violation) ->
                        Task.run("guest-link", () -> closed(watched, violation), lost::completeExceptionally));
    }

    private void closed(GuestSession watched, @Nullable Throwable violation) {
        if (violation != null || !renews()) {
            lose(violation);
        } else {
            loseUnlessReplaced(watched);
        }
    }

    /** A frozen guest cannot connect again; its time begins when it is thawed. */
    private synchronized void loseUnlessReplaced(GuestSession ended) {
        if (session != ended || frozen) {
            return;
        }
        long begun = turns;
        CompletableFuture.delayedExecutor(
                        vm.capabilities().channelReturns().toMillis(),
                        TimeUnit.MILLISECONDS,
                        Thread::startVirtualThread)
                .execute(() -> loseIfStill(begun));
    }

    private void loseIfStill(long begun) {
        boolean still;
        synchronized (this) {
            still = turns == begun;
        }
        if (still) {
            lose(null);
        }
    }

    private void lose(@Nullable Throwable violation) {
        boolean first = violation == null ? lost.complete(null) : lost.completeExceptionally(violation);
        if (first) {
            // One that takes its place at this moment is ended by who puts it there.
            current().end();
            synchronized (this) {
                notifyAll();
            }
        }
    }

    public Vm vm() {
        return vm;
    }

    /** The session of now. Where one was lost and may come back, that is waited for. */
    public synchronized GuestSession session() {
        long end = System.nanoTime() + vm.capabilities().channelReturns().toNanos();
        while (renews() && session.closed().isDone() && !lost.isDone() && !frozen) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return session;
            }
            try {
                wait(left);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return session;
            }
        }
        return session;
    }

    /** The session after one that has failed; that one where there is none. */
    public GuestSession after(GuestSession failed) {
        if (renews()) {
            var _ = failed.closed()
                    .handle((_, _) -> true)
                    .completeOnTimeout(false, ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }
        return session();
    }

    /** The VM is frozen from now on, or no longer: only one that is not can be expected to connect. */
    public void frozen(boolean now) {
        GuestSession held;
        synchronized (this) {
            frozen = now;
            turns++;
            held = session;
            notifyAll();
        }
        if (!now && renews() && held.closed().isDone()) {
            loseUnlessReplaced(held);
        }
    }

    /**
     * Completes when there is no session and there will be none: normally when the guest hung up and did not come back,
     * or after {@link #close}; exceptionally with a ProtocolViolation that says what the guest did.
     */
    public CompletableFuture<Void> lost() {
        return lost.copy();
    }

    @Override
    public void close() {
        lose(null);
    }
}
