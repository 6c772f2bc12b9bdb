package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.idle.Uses;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Execs: processes beside the main one, with a client or without. */
public final class Processes {
    private static final System.Logger LOG = System.getLogger(Processes.class.getName());
    private static final long LAST_WORDS_SECONDS = 5;
    private static final int SIGKILL = 9;
    private static final long FILE_TURN_SECONDS = 30;

    private final Instances instances;
    private final Journal journal;
    /** The execs of all instances that have not ended, by their ids, which are never given twice. */
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    public Processes(Instances instances, Journal journal) {
        this.instances = instances;
        this.journal = journal;
    }

    private record Running(String instanceId, ExecRequest request, GuestProcess process, Instant startedAt) {
        ExecView view() {
            return new ExecView(
                    process.execId(),
                    request.command(),
                    process.pid(),
                    startedAt,
                    request.tty() != null,
                    Boolean.TRUE.equals(request.detach()));
        }
    }

    /** A running instance in which something shall be executed; it stays awake until {@link #close}. */
    public record Target(InstanceSpec spec, LiveVm vm, InstanceLog log, Uses uses, Uses.Use use)
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
        return new Target(target.spec(), target.vm(), target.log(), target.uses(), turn);
    }

    private Target awake(InstanceRef ref, Uses.Kind kind, String cause) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        Uses uses = actor.uses();
        Uses.Use use = uses.begin(kind);
        try {
            InstanceState reached = actor.ask(new InstanceEvent.Use(cause));
            InstanceRecord record = actor.snapshot().record();
            if (reached instanceof InstanceState.Running(LiveVm vm)) {
                return new Target(record.spec(), vm, journal.log(record.id()), uses, use);
            }
            throw Answers.missed(record, reached);
        } catch (ApiException refusal) {
            use.close();
            throw refusal;
        }
    }

    /**
     * Executes something and passes its output on until it ends, and then what was refused to its guest meanwhile.
     *
     * @throws ApiException when it could not be started, or its VM went away
     */
    public ProcessExit exec(Target target, String execId, ExecRequest request, ProcessClient client) {
        Outgoing.Refusals refusals = target.vm().outgoing().refusals();
        long before = refusals.count();
        GuestProcess process = start(target, execId, request, client.sends());
        ProcessExit exit = follow(target, enter(target, request, process), client);
        refusals.since(before).forEach(new Run(client)::note);
        return exit;
    }

    /** Starts something that nobody waits for; its output goes to the log. */
    public ExecStarted detach(Target target, String execId, ExecRequest request) {
        GuestProcess process = start(target, execId, request, false);
        Running exec = enter(target, request, process);
        Uses.Use use = target.uses().begin(Uses.Kind.EXEC);
        Runnable following = () -> {
            try (use) {
                var _ = follow(target, exec, ProcessClient.NOBODY);
            } catch (ApiException vmGone) {
                LOG.log(Level.DEBUG, "exec=" + execId + " " + vmGone.getMessage());
            }
        };
        Task.start(execId, following, bug -> killUnlessEnded(process));
        return new ExecStarted(execId, exec.startedAt(), process.pid());
    }

    private Running enter(Target target, ExecRequest request, GuestProcess process) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Running exec = new Running(target.spec().id(), request, process, now);
        running.put(process.execId(), exec);
        journal.counters().add(Count.EXECS, 1);
        return exec;
    }

    /** The execs of an instance that have not ended, the oldest first. */
    public List<ExecView> running(InstanceRef ref) {
        String id = instances.find(ref).spec().id();
        return running.values().stream()
                .filter(exec -> exec.instanceId().equals(id))
                .sorted(Comparator.comparing(Running::startedAt))
                .map(Running::view)
                .toList();
    }

    /**
     * Kills an exec, or the main process of an instance, which wakes up for it.
     *
     * @param signal for its process group, in place of its end; 0 for none
     */
    public void kill(InstanceRef ref, String execId, int signal) {
        if (execId.equals(ProcessSpec.MAIN)) {
            try (Target target = awake(ref, Uses.Kind.EXEC, "kill")) {
                kill(target.vm().main(), signal);
            }
            return;
        }
        InstanceActor actor = instances.find(ref);
        Running exec = running.get(execId);
        if (exec == null || !exec.instanceId().equals(actor.spec().id())) {
            throw ErrorCode.NOT_FOUND.refusal(
                    actor.name() + " has no running exec '" + execId + "'", "'aegis exec ps' lists the running ones");
        }
        kill(exec.process(), signal);
    }

    private static void kill(GuestProcess process, int signal) {
        try {
            if (signal == 0) {
                process.kill();
            } else {
                process.signal(signal);
            }
        } catch (GuestException obstacle) {
            throw ErrorCode.GUEST_FAILED.refusal(String.valueOf(obstacle.getMessage()), obstacle);
        }
    }

    private ProcessExit follow(Target target, Running exec, ProcessClient client) {
        GuestProcess process = exec.process();
        try {
            Optional<Duration> limit =
                    Optional.ofNullable(exec.request().timeoutMs()).map(Duration::ofMillis);
            AtomicBoolean late = killWhenLate(process, limit);
            client.started(process);
            if (!Boolean.TRUE.equals(exec.request().keep())) {
                // Nobody else would end it.
                client.whenLeft(() -> killUnlessEnded(process));
            }
            CompletableFuture<Void> output = ProcessPump.start(process, target.log(), process.execId(), client);
            ProcessExit status = process.exit().get();
            output.join();
            if (Boolean.TRUE.equals(status.outOfMemory())) {
                client.note(outOfMemory(target.spec()));
            }
            return exitOf(status, late.get());
        } catch (ExecutionException sessionOver) {
            throw ErrorCode.GUEST_FAILED.refusal("the VM ended: " + lastWords(target.vm()), sessionOver);
        } catch (IOException clientGone) {
            killUnlessEnded(process);
            throw ErrorCode.GUEST_FAILED.refusal("the client disconnected", clientGone);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down", stop);
        } finally {
            running.remove(process.execId());
        }
    }

    /** As a user is told that memory ran out. */
    public static String outOfMemory(InstanceSpec spec) {
        return "the guest ran out of memory (" + spec.memoryMb()
                + " MB), and its kernel killed a process; start it with more: --memory " + 2 * spec.memoryMb();
    }

    /**
     * How a process ended, as clients are told.
     *
     * @param late whether it was killed when its time was over
     */
    public static ProcessExit exitOf(ProcessExit status, boolean late) {
        return late && Objects.equals(status.signal(), SIGKILL) ? ProcessExit.atTimeout() : status;
    }

    /** Kills all that a process started when its time is over, where it has a limit; set when that was so. */
    public static AtomicBoolean killWhenLate(GuestProcess process, Optional<Duration> limit) {
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
        return late;
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

    private static GuestProcess start(Target target, String execId, ExecRequest request, boolean sends) {
        try {
            boolean fed = sends || request.stdin() != null;
            GuestProcess process = target.vm()
                    .guest()
                    .exec(ProcessSpecs.exec(target.spec(), target.vm().secrets(), execId, request, fed));
            feed(request.stdin(), process);
            return process;
        } catch (GuestException refusal) {
            ErrorCode code = ProcessSpecs.codeOf(refusal, ErrorCode.GUEST_FAILED);
            throw code.refusal(ProcessSpecs.refusal(code, request.command(), refusal), refusal);
        }
    }

    private static void feed(@Nullable String text, GuestProcess process) {
        if (text == null) {
            return;
        }
        Thread.ofVirtual().name("stdin-" + process.execId()).start(() -> {
            try (OutputStream stdin = process.stdin()) {
                stdin.write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException notRead) {
                LOG.log(Level.DEBUG, "exec=" + process.execId() + " did not read its stdin: " + notRead.getMessage());
            }
        });
    }

    private static String lastWords(LiveVm vm) {
        return vm.ending()
                ? "it was stopped"
                : vm.vm()
                        .exit()
                        .thenApply(vm::reason)
                        .completeOnTimeout("see the instance's log", LAST_WORDS_SECONDS, TimeUnit.SECONDS)
                        .join();
    }
}
