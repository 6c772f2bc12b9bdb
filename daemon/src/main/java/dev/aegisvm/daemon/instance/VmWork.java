package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.daemon.guest.ExitStatus;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.vmm.VmExit;
import dev.aegisvm.vmm.VmmException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What takes its time with the VM of one instance: each piece on a thread of its own, its end reported as an event. */
final class VmWork {
    private static final System.Logger LOG = System.getLogger(VmWork.class.getName());
    private static final long LAST_OUTPUT_SECONDS = 30;
    private static final long CLIENT_COMES_SECONDS = 60;

    private final Host host;
    private final InstanceSpec spec;
    private final InstanceLog log;
    private final Attachment attachment;
    private final Consumer<InstanceEvent> report;
    private final long requested;
    private volatile @Nullable Boot boot;

    /** @param requested {@link System#nanoTime} when the instance was asked for, if it was in this daemon's life */
    VmWork(Host host, InstanceSpec spec, Attachment attachment, Consumer<InstanceEvent> report, long requested) {
        this.host = host;
        this.spec = spec;
        this.log = host.logs().of(spec.id());
        this.attachment = attachment;
        this.report = report;
        this.requested = requested;
    }

    Optional<BootView> lastBoot() {
        return Optional.ofNullable(boot).map(last -> last.clock().view());
    }

    void boot() {
        long since = boot == null && requested != 0 ? requested : System.nanoTime();
        Boot attempt = new Boot(new BootClock(since), attachment.client());
        boot = attempt;
        inBackground("boot", () -> {
            try {
                LiveVm vm = new BootSequence(host, spec, attempt).run();
                report.accept(new InstanceEvent.Booted(vm));
            } catch (BootFailure failure) {
                bootFailed(failure.code(), failure.getMessage());
            } catch (RuntimeException bug) {
                LOG.log(Level.ERROR, "instance=" + spec.id() + " boot", bug);
                bootFailed(ErrorCode.INTERNAL, "internal error: " + bug);
            }
        });
    }

    private void bootFailed(ErrorCode code, @Nullable String message) {
        String reason = String.valueOf(message);
        report.accept(new InstanceEvent.BootFailed(reason));
        attachment.failed(code, reason);
        if (spec.ephemeral()) {
            // A client that comes for it is told why; after that, nobody needs it.
            CompletableFuture.delayedExecutor(CLIENT_COMES_SECONDS, TimeUnit.SECONDS)
                    .execute(() -> report.accept(new InstanceEvent.Delete("its start failed")));
        }
    }

    void abortBoot() {
        Boot attempt = boot;
        if (attempt != null) {
            inBackground("abort", attempt::abort);
        }
    }

    /** Reports the end of the main process, and the end of the VM. */
    void watch(LiveVm vm) {
        inBackground("main", () -> watchMain(vm));
        inBackground("watch", () -> {
            VmExit exit = vm.awaitGone();
            String reason = vm.reason(exit);
            if (!vm.ending()) {
                log.system("the VM ended: " + reason);
                VmDeath.consoleTail(exit).forEach(line -> log.system("console: " + line));
            }
            report.accept(new InstanceEvent.VmGone(vm, reason));
            attachment.failed(ErrorCode.GUEST_FAILED, reason);
        });
    }

    private void watchMain(LiveVm vm) {
        ExitStatus status;
        try {
            status = vm.main().exit().join();
        } catch (CompletionException sessionOver) {
            // The VM is gone, or soon will be; that is reported.
            return;
        }
        try {
            if (spec.ephemeral()) {
                vm.output().await();
            } else if (!vm.output().await(LAST_OUTPUT_SECONDS)) {
                log.system("the last output of the process did not end");
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        if (status.outOfMemory()) {
            outOfMemory();
        }
        log.system("process exited (code=" + status.code() + ")");
        if (spec.ephemeral()) {
            // Whoever waits for the end of a `run` looks at its files next.
            saveWorkspace(vm);
            attachment.exited(exit(status));
            report.accept(new InstanceEvent.Delete("process exited (code=" + status.code() + ")"));
        } else {
            report.accept(new InstanceEvent.MainExited(vm, status.code()));
        }
    }

    private void saveWorkspace(LiveVm vm) {
        if (spec.workspace().isPresent()) {
            vm.saveWorkspace();
        }
    }

    private void outOfMemory() {
        String line = "the guest ran out of memory (" + spec.memoryMb() + " MB), its kernel killed the process";
        log.system(line);
        try {
            attachment.client().join().note(line);
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "instance=" + spec.id() + " its client left");
        }
    }

    static ProcessExit exit(ExitStatus status) {
        return new ProcessExit(
                status.code(),
                status.signal().isPresent() ? status.signal().getAsInt() : null,
                status.outOfMemory() ? Boolean.TRUE : null,
                null);
    }

    void halt(LiveVm vm) {
        inBackground("halt", vm::halt);
    }

    void kill(LiveVm vm) {
        inBackground("kill", vm::kill);
    }

    void freeze(LiveVm vm) {
        inBackground("freeze", () -> {
            try {
                vm.freeze();
                report.accept(new InstanceEvent.Frozen(vm));
            } catch (VmmException obstacle) {
                report.accept(new InstanceEvent.FreezeFailed(vm, obstacle.getMessage()));
            }
        });
    }

    void thaw(LiveVm vm) {
        inBackground("thaw", () -> {
            try {
                vm.thaw();
                report.accept(new InstanceEvent.Thawed(vm));
            } catch (VmmException | GuestException obstacle) {
                report.accept(new InstanceEvent.ThawFailed(vm, "it did not come back: " + obstacle.getMessage()));
            }
        });
    }

    /** The VM is gone: nothing of it stays but the disk. */
    void stopped(InstanceState before, String reason) {
        if (before instanceof InstanceState.Starting) {
            log.system("start failed: " + reason);
        }
        try {
            host.places().forgetVm(spec.id());
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "instance=" + spec.id() + " sockets stay behind: " + obstacle);
        }
    }

    /**
     * Ends the VM if there is one, and removes everything that belongs to the instance. The record goes first: if the daemon
     * is killed on the way, the instance is gone, and the next daemon collects the files that nobody owns.
     */
    void remove(Optional<LiveVm> vm) {
        inBackground("remove", () -> {
            vm.ifPresent(this::saveWorkspace);
            vm.ifPresent(LiveVm::kill);
            attachment.failed(ErrorCode.NOT_FOUND, "the instance was deleted");
            try {
                removeAll();
            } catch (IOException | StoreException obstacle) {
                LOG.log(Level.ERROR, "instance=" + spec.id() + " not all of it could be removed: " + obstacle);
            }
            report.accept(new InstanceEvent.Removed());
        });
    }

    private void removeAll() throws IOException, StoreException {
        try {
            host.store().delete(spec.id());
        } catch (StoreException full) {
            // There may be no room to write that the record is gone. Its files make some.
            removeFiles();
            host.store().delete(spec.id());
        }
        removeFiles();
    }

    private void removeFiles() throws IOException {
        host.logs().delete(spec.id());
        host.places().remove(spec.id());
    }

    private void inBackground(String what, Runnable work) {
        Thread.ofVirtual().name(what + "-" + spec.id()).start(work);
    }
}
