package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.instance.Decision.Answer;
import dev.aegisvm.daemon.instance.Decision.Circumstances;

/** An instance as its actor keeps it, with waiters that are answered by futures; its VM is chance. */
final class WalkedInstance {
    private static final List<InstanceEvent.Request> REQUESTS = List.copyOf(Samples.REQUESTS.values());
    /** Those that undo each other: where somebody may be forgotten. */
    private static final List<InstanceEvent.Request> CONTRARY =
            List.of(new InstanceEvent.Pause("t"), new InstanceEvent.Connect("t"), new InstanceEvent.Start("t"));

    private static final List<Circumstances> CIRCUMSTANCES = List.copyOf(Samples.CIRCUMSTANCES.values());

    private final Random random;
    private final Decision.Waiters waiters = new Decision.Waiters();
    private final Map<CompletableFuture<InstanceState>, String> askers = new LinkedHashMap<>();
    /** Clients that wait until the guest runs: they are connected clients, so they count as such. */
    private final List<CompletableFuture<InstanceState>> clients = new ArrayList<>();
    /** Events that have come in. */
    private final Deque<InstanceEvent> mailbox = new ArrayDeque<>();
    /** The work that goes on: for each piece the ways in which it can end, one of which will be reported. */
    private final List<List<InstanceEvent>> work = new ArrayList<>();
    /** The VM that runs; it may end at any time. */
    private Optional<LiveVm> vm = Optional.empty();

    private InstanceState state = new InstanceState.Stopped(true);
    private final StringBuilder story = new StringBuilder("stopped");

    WalkedInstance(Random random) {
        this.random = random;
    }

    InstanceState state() {
        return state;
    }

    String story() {
        return story.toString();
    }

    List<String> unanswered() {
        askers.keySet().removeIf(CompletableFuture::isDone);
        return List.copyOf(askers.values());
    }

    /** Somebody asks for something, or a piece of work ends, or the VM does something by itself. */
    void step() {
        switch (random.nextInt(4)) {
            case 0 -> ask(any(REQUESTS));
            case 1 -> ask(any(CONTRARY));
            case 2 -> endSomeWork();
            default ->
                vm.ifPresent(own -> handle(any(List.of(
                        new InstanceEvent.IdleTimer(own, "t"), new InstanceEvent.MainExited(own, 3), gone(own)))));
        }
        readMail();
    }

    /** All work ends, and nothing more is asked for. */
    void comeToRest() {
        while (!work.isEmpty()) {
            endSomeWork();
            readMail();
        }
    }

    private <T> T any(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }

    private void endSomeWork() {
        if (!work.isEmpty()) {
            InstanceEvent end = any(work.remove(random.nextInt(work.size())));
            handle(end);
        }
    }

    private void readMail() {
        while (!mailbox.isEmpty()) {
            handle(mailbox.poll());
        }
    }

    private InstanceEvent gone(LiveVm own) {
        vm = Optional.empty();
        return new InstanceEvent.VmGone(own, "t");
    }

    private void ask(InstanceEvent.Request request) {
        CompletableFuture<InstanceState> answer = new CompletableFuture<>();
        askers.put(answer, request + " in " + Samples.name(state));
        if (request instanceof InstanceEvent.Connect) {
            clients.add(answer);
        }
        switch (handle(request)) {
            case Answer.Accepted _ -> answer.complete(state);
            case Answer.When when -> waiters.add(when.goal(), answer);
            case Answer.Refused _ -> answer.completeExceptionally(new IllegalStateException("refused"));
        }
        tellWaiters();
    }

    private Answer handle(InstanceEvent event) {
        Decision decision = Transitions.decide(state, event, circumstances());
        state = decision.next();
        story.append(" +").append(event.getClass().getSimpleName()).append("→").append(Samples.name(state));
        decision.effects().forEach(this::act);
        if (!(event instanceof InstanceEvent.Request)) {
            tellWaiters();
        }
        return decision.answer();
    }

    private void tellWaiters() {
        waiters.tell(state, missed -> new IllegalStateException("missed: it is " + Samples.name(missed)));
    }

    private Circumstances circumstances() {
        clients.removeIf(CompletableFuture::isDone);
        Circumstances chosen = clients.isEmpty()
                ? any(CIRCUMSTANCES)
                : Objects.requireNonNull(Samples.CIRCUMSTANCES.get("it is in use"));
        return clients.isEmpty()
                ? chosen
                : new Circumstances(
                        chosen.life(), chosen.idle(), true, chosen.awaitsOwner(), chosen.shortage(), chosen.noPause());
    }

    private void act(Effect effect) {
        switch (effect) {
            case Effect.Boot _ ->
                work.add(List.of(
                        new InstanceEvent.Booted(Samples.VM),
                        new InstanceEvent.BootFailed(ErrorCode.BOOT_FAILED, "t")));
            case Effect.Watch(LiveVm own) -> vm = Optional.of(own);
            case Effect.Halt(LiveVm own) -> work.add(List.of(gone(own)));
            case Effect.Kill(LiveVm own) -> work.add(List.of(gone(own)));
            case Effect.Freeze(LiveVm own) ->
                work.add(List.of(new InstanceEvent.Frozen(own), new InstanceEvent.FreezeFailed(own, "t")));
            case Effect.Thaw(LiveVm own) ->
                work.add(List.of(new InstanceEvent.Thawed(own), new InstanceEvent.ThawFailed(own, "t")));
            case Effect.Remove _ -> work.add(List.of(new InstanceEvent.Removed()));
            case Effect.Follow(InstanceEvent event) -> mailbox.add(event);
            case Effect.AbortBoot _,
                    Effect.ChangeSpec _,
                    Effect.NoteExit _,
                    Effect.NoteStop _,
                    Effect.NoteUse _,
                    Effect.OnDisk _,
                    Effect.OpenPorts _,
                    Effect.ClosePorts _,
                    Effect.WatchIdle _,
                    Effect.LookAgain _,
                    Effect.AwaitIdleStop _,
                    Effect.EndIdleWatch _,
                    Effect.MarkWake _ -> {}
        }
    }
}
