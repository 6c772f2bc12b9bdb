package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.daemon.boot.BootSequence.BootFailure;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Each piece of work on a thread of its own. */
public final class BackgroundWork implements VmWork {
    private static final System.Logger LOG = System.getLogger(BackgroundWork.class.getName());
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(30);
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private final Boots boots;
    /** As it was at the last boot. */
    private volatile InstanceSpec spec;

    private final InstanceLog log;
    /** Absent until an ephemeral instance has its client. */
    private final AtomicReference<@Nullable Owner> owner = new AtomicReference<>();

    private final AtomicReference<@Nullable Path> resume = new AtomicReference<>();

    private final Consumer<InstanceEvent> report;
    private final long requested;
    private volatile @Nullable Boot boot;

    public BackgroundWork(Boots boots, InstanceSpec spec, long requested, Consumer<InstanceEvent> report) {
        this.boots = boots;
        this.spec = spec;
        this.log = boots.journal().log(spec.id());
        if (!spec.hasClient()) {
            owner.set(new Owner(ProcessClient.NOBODY));
        }
        this.report = report;
        this.requested = requested;
    }

    @Override
    public boolean own(Owner client) {
        return owner.compareAndSet(null, client);
    }

    @Override
    public void resumeFrom(@Nullable Path directory) {
        resume.set(directory);
    }

    @Override
    public boolean awaitsOwner() {
        return owner.get() == null;
    }

    private Optional<Owner> owner() {
        return Optional.ofNullable(owner.get());
    }

    @Override
    public Optional<Shortage> shortage(int memoryMb) {
        return boots.admission().shortage(memoryMb);
    }

    @Override
    public Optional<Long> diskBytes() {
        DiskChain disk = DiskChain.in(boots.places().directory().apply(spec.id()));
        return Optional.of(disk.usedBytes()).filter(bytes -> bytes >= 0);
    }

    @Override
    public Optional<BootView> lastBoot() {
        return Optional.ofNullable(boot).map(Boot::view);
    }

    @Override
    public void boot(InstanceSpec current, PublicPorts.Caller instance) {
        spec = current;
        long since = boot == null && requested != 0 ? requested : System.nanoTime();
        Boot attempt = new Boot(since, Optional.ofNullable(resume.getAndSet(null)));
        boot = attempt;
        Owner client = owner().orElseThrow();
        Runnable sequence = () -> {
            try {
                LiveVm vm = new BootSequence(boots, current, attempt, client, instance).run();
                report.accept(new InstanceEvent.Booted(vm));
            } catch (BootFailure failure) {
                bootFailed(failure.code(), failure.getMessage());
            }
        };
        inBackground("boot", sequence, bug -> {
            attempt.abort();
            bootFailed(ErrorCode.INTERNAL, "internal error: " + bug);
        });
    }

    private void bootFailed(ErrorCode code, @Nullable String message) {
        boots.journal().counters().add(Count.FAILED_STARTS, 1, "code", code.wire());
        String reason = String.valueOf(message);
        owner().ifPresent(client -> client.failed(code, reason));
        report.accept(new InstanceEvent.BootFailed(code, reason));
    }

    @Override
    public void begin(Effect.Slow work) {
        switch (work) {
            case Effect.AbortBoot _ ->
                Optional.ofNullable(boot).ifPresent(attempt -> inBackground("abort", attempt::abort, Task::fatal));
            case Effect.Watch(LiveVm vm) -> watch(vm);
            case Effect.Halt(LiveVm vm) -> inBackground("halt", vm::halt, _ -> kill(vm));
            case Effect.Kill(LiveVm vm) -> kill(vm);
            case Effect.Freeze(LiveVm vm) -> inBackground("freeze", () -> freeze(vm), _ -> kill(vm));
            case Effect.Thaw(LiveVm vm) -> inBackground("thaw", () -> thaw(vm), _ -> kill(vm));
            case Effect.Remove(Optional<LiveVm> vm) ->
                inBackground("remove", () -> remove(vm), _ -> report.accept(new InstanceEvent.Removed()));
        }
    }

    private void watch(LiveVm vm) {
        inBackground("main", () -> watchMain(vm), bug -> kill(vm));
        Runnable untilGone = () -> {
            VmExit exit = vm.awaitGone();
            String reason = vm.reason(exit);
            if (!vm.ending()) {
                log.system("the VM ended: " + reason);
                exit.consoleTail().forEach(line -> log.system("console: " + line));
            }
            owner().ifPresent(client -> client.failed(ErrorCode.GUEST_FAILED, reason));
            report.accept(new InstanceEvent.VmGone(vm, reason));
        };
        inBackground("watch", untilGone, bug -> {
            vm.kill();
            report.accept(new InstanceEvent.VmGone(vm, "internal error: " + bug));
            owner().ifPresent(client -> client.failed(ErrorCode.INTERNAL, "internal error: " + bug));
        });
    }

    private void watchMain(LiveVm vm) {
        Owner whose = owner().orElseThrow();
        UnaryOperator<ProcessExit> told =
                Processes.killWhenLate(vm.main().process(), spec.environment().timeout());
        ProcessExit status;
        try {
            status = vm.main().process().exit().join();
        } catch (CompletionException sessionOver) {
            // The VM is gone, or soon will be; that is reported.
            return;
        }
        awaitOutput(vm, whose.waits() ? FOREVER : LAST_OUTPUT);
        if (Boolean.TRUE.equals(status.outOfMemory())) {
            String line = Processes.outOfMemory(spec);
            log.system(line);
            whose.client().note(line);
        }
        ProcessExit exit = told.apply(status);
        if (Boolean.TRUE.equals(exit.timedOut())) {
            log.system("timed out, killed");
        }
        log.system("process exited (code=" + exit.exitCode() + ")");
        if (whose.waits()) {
            // Its user looks at the files of the `run` next.
            saveWorkspace(vm);
        }
        vm.outgoing().refusals().since(0).forEach(whose.client()::note);
        whose.exited(exit);
        report.accept(new InstanceEvent.MainExited(vm, exit.exitCode()));
    }

    private void awaitOutput(LiveVm vm, Duration limit) {
        try {
            vm.main().output().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException slow) {
            log.system("the process's output may be incomplete: its pipes were still open after it exited");
        } catch (ExecutionException bug) {
            throw new IllegalStateException("some output was lost", bug);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void saveWorkspace(LiveVm vm) {
        spec.mounts().shared().stream().findFirst().ifPresent(mount -> vm.saveShares(mount.guestPath()));
    }

    private void kill(LiveVm vm) {
        inBackground("kill", vm::kill, Task::fatal);
    }

    private void freeze(LiveVm vm) {
        try {
            vm.freeze();
            report.accept(new InstanceEvent.Frozen(vm));
        } catch (VmmException obstacle) {
            report.accept(new InstanceEvent.FreezeFailed(vm, obstacle.getMessage()));
        }
    }

    private void thaw(LiveVm vm) {
        try {
            vm.thaw();
            report.accept(new InstanceEvent.Thawed(vm));
        } catch (VmmException | GuestException obstacle) {
            report.accept(new InstanceEvent.ThawFailed(vm, "resuming failed: " + obstacle.getMessage()));
        }
    }

    @Override
    public void stopped() {
        // Its client has been told why, but for after a bug.
        owner().ifPresent(client -> client.failed(ErrorCode.GUEST_FAILED, "the instance stopped"));
        try {
            boots.places().forgetVm(spec.id());
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "instance=" + spec.id() + " cannot delete its sockets: " + HostError.text(obstacle));
        }
    }

    /** The record goes first: if the daemon is killed on the way, the next one collects the files without a record. */
    private void remove(Optional<LiveVm> vm) {
        vm.ifPresent(this::saveWorkspace);
        vm.ifPresent(LiveVm::kill);
        owner().ifPresent(client -> client.failed(ErrorCode.NOT_FOUND, "the instance was deleted"));
        try {
            removeAll();
        } catch (IOException | ApiException obstacle) {
            LOG.log(
                    Level.ERROR,
                    "instance=" + spec.id() + " cannot delete all of its files: " + HostError.text(obstacle));
        }
        report.accept(new InstanceEvent.Removed());
    }

    private void removeAll() throws IOException {
        try {
            boots.journal().store().delete(spec.id());
        } catch (ApiException full) {
            // There may be no room to write that the record is gone. Its files make some.
            removeFiles();
            boots.journal().store().delete(spec.id());
        }
        removeFiles();
    }

    private void removeFiles() throws IOException {
        boots.journal().logs().delete(spec.id());
        boots.gateways().logs().delete(spec.id());
        boots.places().remove(spec.id());
    }

    /** @param failed ends what a bug left half done, so that the actor hears of the end */
    private void inBackground(String what, Runnable work, Consumer<Throwable> failed) {
        Task.start(what + "-" + spec.id(), work, failed);
    }
}
