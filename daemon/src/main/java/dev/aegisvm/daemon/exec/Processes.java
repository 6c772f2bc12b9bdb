package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.idle.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;

/** Execs: processes beside the main one, with a client or without. */
public final class Processes {
    private static final System.Logger LOG = System.getLogger(Processes.class.getName());
    private static final long LAST_WORDS_SECONDS = 5;
    private static final int SIGKILL = 9;
    private static final long FILE_TURN_SECONDS = 30;

    private final Instances instances;
    private final Journal journal;
    private final Path outputs;
    private final Map<LiveVm, Execs> byVm = new ConcurrentHashMap<>();

    /** @param outputs an existing directory for what execs write, which means nothing to the next daemon */
    public Processes(Instances instances, Journal journal, Path outputs) {
        this.instances = instances;
        this.journal = journal;
        this.outputs = outputs;
    }

    /** A running instance in which something shall be executed; it stays awake until {@link #close}. */
    public record Target(InstanceSpec spec, LiveVm vm, InstanceLog log, Connections connections, Uses.Use use)
            implements AutoCloseable {
        @Override
        public void close() {
            use.close();
        }
    }

    /** Waits until something can be executed: wakes a paused instance, waits for a starting one. */
    public Target target(InstanceRef ref) {
        return awake(ref, Uses.Kind.EXEC, "exec");
    }

    /** The same for a request that works with files; it waits for its turn, since a guest takes few of them at a time. */
    public Target forFiles(InstanceRef ref) {
        Target target = awake(ref, Uses.Kind.FILE_COPY, "files");
        Semaphore turns = target.vm().guest().fileTurns();
        try {
            if (!turns.tryAcquire(FILE_TURN_SECONDS, TimeUnit.SECONDS)) {
                target.close();
                throw ErrorCode.GUEST_FAILED.refusal(
                        "too many file requests to this guest are still running", "try again in a moment");
            }
        } catch (InterruptedException stop) {
            target.close();
            Thread.currentThread().interrupt();
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down", stop);
        }
        Uses.Use turn = () -> {
            turns.release();
            target.close();
        };
        return new Target(target.spec(), target.vm(), target.log(), target.connections(), turn);
    }

    private Target awake(InstanceRef ref, Uses.Kind kind, String cause) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        Uses.Use use = actor.connections().uses().begin(kind);
        try {
            InstanceState reached = actor.ask(new InstanceEvent.Use(cause));
            InstanceRecord record = actor.snapshot().record();
            if (reached instanceof InstanceState.Running(LiveVm vm)) {
                return new Target(record.spec(), vm, journal.log(record.id()), actor.connections(), use);
            }
            throw Answers.missed(record, reached);
        } catch (ApiException refusal) {
            use.close();
            throw refusal;
        }
    }

    /** Executes something, passes its output on until it ends, and then what was refused to its guest meanwhile. */
    public ProcessExit exec(Target target, String execId, ExecRequest request, ProcessClient client) {
        Outgoing.Refusals refusals = target.vm().outgoing().refusals();
        long before = refusals.count();
        ProcessExit exit = follow(target, start(target, execId, request, client.sends()), request, client);
        refusals.since(before).forEach(client::note);
        return exit;
    }

    /** Starts something and does not wait for its end. */
    public ExecStarted detach(Target target, String execId, ExecRequest request) {
        Exec exec = start(target, execId, request, Boolean.TRUE.equals(request.keep()));
        GuestProcess process = exec.process();
        Uses.Use use = target.connections().uses().begin(Uses.Kind.EXEC);
        Runnable following = () -> {
            try (use) {
                var _ = follow(target, exec, request, ProcessClient.NOBODY);
            } catch (ApiException vmGone) {
                LOG.log(Level.DEBUG, "exec=" + execId + " " + vmGone.getMessage());
            }
        };
        Task.start(execId, following, bug -> killUnlessEnded(process));
        return new ExecStarted(execId, process.startedAt(), process.pid());
    }

    private Execs execs(Target target) {
        return byVm.computeIfAbsent(target.vm(), vm -> {
            Execs made = new Execs(outputs, target.connections().share());
            var _ = vm.vm().exit().thenRunAsync(() -> {
                byVm.remove(vm);
                made.close();
            });
            return made;
        });
    }

    /** The execs of an instance, the oldest first: those that run, or also those that have ended. */
    public List<ExecView> list(InstanceRef ref, boolean all) {
        return of(instances.find(ref)).map(Execs::all).orElse(List.of()).stream()
                .map(Exec::view)
                .filter(exec -> all || exec.endedAt() == null)
                .toList();
    }

    private Optional<Execs> of(InstanceActor actor) {
        return Optional.ofNullable(actor.snapshot().state().vm()).map(byVm::get);
    }

    /** One that runs, or has ended not long ago. */
    public Exec find(InstanceRef ref, String execId) {
        InstanceActor actor = instances.find(ref);
        return of(actor)
                .flatMap(execs -> execs.find(execId))
                .orElseThrow(() -> ErrorCode.NOT_FOUND.refusal(
                        actor.name() + " has no exec '" + execId + "'; the latest " + Execs.MAX_ENDED
                                + " ended ones are kept for an hour, or until the instance stops",
                        "'aegis exec ps --all' lists them"));
    }

    /** Kills an exec or the main process (signal 0), or signals its group; a paused instance wakes for it. */
    public void kill(InstanceRef ref, String execId, int signal) {
        Optional<Exec> exec = execId.equals(ProcessSpec.MAIN) ? Optional.empty() : Optional.of(find(ref, execId));
        if (exec.filter(Exec::hasEnded).isPresent()) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "the exec '" + execId + "' has ended", "'aegis exec ps' lists the running ones");
        }
        try (Target target = awake(ref, Uses.Kind.EXEC, "kill")) {
            Exec.signal(exec.map(Exec::process).orElse(target.vm().main().process()), signal);
        }
    }

    private ProcessExit follow(Target target, Exec exec, ExecRequest request, ProcessClient client) {
        try {
            ProcessExit exit = followed(target, exec, request, client);
            exec.ended(exit);
            return exit;
        } catch (ApiException refusal) {
            exec.lost(refusal);
            throw refusal;
        } finally {
            if (!exec.hasEnded()) {
                // A bug is in the way of its end.
                exec.lost(ErrorCode.INTERNAL.refusal("internal error"));
            }
        }
    }

    private ProcessExit followed(Target target, Exec exec, ExecRequest request, ProcessClient client) {
        GuestProcess process = exec.process();
        try {
            Optional<Duration> limit = Optional.ofNullable(request.timeoutMs()).map(Duration::ofMillis);
            UnaryOperator<ProcessExit> told = killWhenLate(process, limit);
            client.started(process);
            if (!Boolean.TRUE.equals(request.keep())) {
                // Without its client nothing would end it.
                client.whenLeft(() -> killUnlessEnded(process));
            }
            CompletableFuture<Void> output = ProcessPump.start(process, target.log(), exec, client);
            ProcessExit status = process.exit().get();
            output.join();
            if (Boolean.TRUE.equals(status.outOfMemory())) {
                client.note(outOfMemory(target.spec()));
            } else if (status.signal() != null && target.vm().ending()) {
                Ending ending = ending(target);
                client.note("the exec was killed: " + ending.why() + "; " + ending.next());
            }
            return told.apply(status);
        } catch (ExecutionException sessionOver) {
            throw lost(target, sessionOver);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down", stop);
        }
    }

    /** As a user is told that memory ran out. */
    public static String outOfMemory(InstanceSpec spec) {
        return "the guest ran out of memory (" + spec.size().memoryMb()
                + " MB), and its kernel killed a process; start it with more: --memory "
                + 2 * spec.size().memoryMb();
    }

    /** Kills all that a process started when its time is over, where it has a limit; gives how its end is told then. */
    public static UnaryOperator<ProcessExit> killWhenLate(GuestProcess process, Optional<Duration> limit) {
        AtomicBoolean late = new AtomicBoolean();
        limit.ifPresent(time -> {
            var _ = process.exit()
                    .orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((_, reason) -> {
                        if (reason instanceof TimeoutException) {
                            late.set(true);
                            killUnlessEnded(process);
                        }
                    });
        });
        return end -> late.get() && Objects.equals(end.signal(), SIGKILL) ? ProcessExit.atTimeout() : end;
    }

    private static void killUnlessEnded(GuestProcess process) {
        if (process.exit().isDone()) {
            return;
        }
        Thread.ofVirtual().name("kill-" + process.execId()).start(() -> {
            try {
                process.kill();
            } catch (GuestException gone) {
                LOG.log(Level.DEBUG, "exec=" + process.execId() + " cannot be killed: " + gone.getMessage());
            }
        });
    }

    private Exec start(Target target, String execId, ExecRequest request, boolean sends) {
        try {
            boolean fed = sends || request.stdin() != null;
            GuestProcess process = target.vm()
                    .guest()
                    .start(ProcessSpecs.exec(target.spec(), target.vm().main().secrets(), execId, request, fed))
                    .await();
            journal.counters().add(Count.EXECS, 1);
            Exec exec = execs(target).add(request, process, target.log());
            Optional.ofNullable(request.stdin()).ifPresent(text -> feed(exec, text, !sends));
            return exec;
        } catch (GuestException refusal) {
            ErrorCode code = ProcessSpecs.codeOf(refusal, ErrorCode.GUEST_FAILED);
            throw code.refusal(ProcessSpecs.refusal(code, request.command(), refusal), refusal);
        }
    }

    private static void feed(Exec exec, String text, boolean ends) {
        String execId = exec.process().execId();
        Thread.ofVirtual().name("stdin-" + execId).start(() -> {
            try {
                exec.write(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), ends);
            } catch (IOException | ApiException notRead) {
                LOG.log(Level.DEBUG, "exec=" + execId + " did not read its stdin: " + notRead.getMessage());
            }
        });
    }

    private ApiException lost(Target target, ExecutionException sessionOver) {
        LiveVm vm = target.vm();
        if (vm.ending()) {
            Ending ending = ending(target);
            return ErrorCode.GUEST_FAILED.refusal("the VM ended: " + ending.why(), ending.next(), sessionOver);
        }
        String lastWords = vm.vm()
                .exit()
                .thenApply(vm::reason)
                .completeOnTimeout("see the instance's log", LAST_WORDS_SECONDS, TimeUnit.SECONDS)
                .join();
        return ErrorCode.GUEST_FAILED.refusal("the VM ended: " + lastWords, sessionOver);
    }

    /** Why we end the VM of an instance, and what its user can do next. */
    private record Ending(String why, String next) {}

    private Ending ending(Target target) {
        String name = target.spec().hostname();
        Optional<InstanceState.Snapshot> now = instances
                .named(target.spec().id())
                .map(InstanceActor::snapshot)
                .filter(each -> each.state().isThere());
        if (now.isEmpty()) {
            return new Ending("'" + name + "' was deleted", "start another one, and run the command there");
        }
        String why = now.get()
                .record()
                .exitCode()
                .map(code -> "stops because its main process exited with code " + code)
                .orElse("was stopped or rewound");
        return new Ending(
                "'" + name + "' " + why, "'aegis instance start --name " + name + "' starts it again if it is stopped");
    }
}
