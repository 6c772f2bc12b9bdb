package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessUsage;

/**
 * Watches the boot of a guest with KVM. However slow the host, it goes on as long as anything moves: the guest prints, or
 * leaves its processors (or, where the host's kernel does not count that, QEMU uses the CPU). A guest that stands still is
 * ended: that host's KVM cannot run it.
 */
final class BootWatch implements AutoCloseable {
    /** Longer than the longest time in which a kernel that boots touches no new page and no device. */
    static final Duration STILL = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(250);

    /**
     * What has happened so far.
     *
     * @param printed bytes on the guest's console
     * @param exits how often the guest has left its processors; empty where nobody counts
     * @param cpu what QEMU has used
     */
    record Progress(long printed, OptionalLong exits, Duration cpu) {
        /** Whether the guest got on since then. A processor that turns in circles uses the CPU. */
        boolean beyond(Progress earlier) {
            return printed != earlier.printed
                    || !exits.equals(earlier.exits)
                    || (exits.isEmpty() && !cpu.equals(earlier.cpu));
        }

        String standstill(Progress earlier) {
            return "it stood still for " + STILL.toSeconds() + " s, "
                    + (cpu.equals(earlier.cpu) ? "without using the CPU" : "while it used the CPU");
        }
    }

    /** How a boot goes on is looked at here, and the VM ended where it does not. */
    interface Subject {
        Progress progress();

        void end();
    }

    private final Subject subject;
    private final Duration still;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile String verdict = "";
    private final Thread watcher;

    private BootWatch(Subject subject, Duration still) {
        this.subject = subject;
        this.still = still;
        this.watcher = Thread.ofVirtual().name("boot-watch").start(this::watch);
    }

    static BootWatch of(Subject subject, Duration still) {
        return new BootWatch(subject, still);
    }

    /** Watches QEMU; its monitor is nobody else's until the watch is closed. */
    static BootWatch of(QemuProcess qemu, QmpClient monitor) {
        return of(new Machine(qemu, monitor), STILL);
    }

    /** Why the boot was ended; empty if it was not. */
    String verdict() {
        return verdict;
    }

    private void watch() {
        try {
            Progress last = subject.progress();
            Instant moved = Instant.now();
            while (!over.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                Progress now = subject.progress();
                if (now.beyond(last)) {
                    last = now;
                    moved = Instant.now();
                } else if (Duration.between(moved, Instant.now()).compareTo(still) > 0) {
                    verdict = now.standstill(last);
                    subject.end();
                    return;
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            watcher.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the monitor without waiting for it: a QEMU that does not answer does not move either. */
    private static final class Machine implements Subject {
        private final QemuProcess qemu;
        private final QmpClient monitor;
        private CompletableFuture<OptionalLong> asked = CompletableFuture.completedFuture(OptionalLong.empty());
        private OptionalLong exits = OptionalLong.empty();

        Machine(QemuProcess qemu, QmpClient monitor) {
            this.qemu = qemu;
            this.monitor = monitor;
        }

        @Override
        public Progress progress() {
            if (asked.isDone()) {
                exits = asked.exceptionally(gone -> exits).join();
                asked = ask();
            }
            Duration cpu =
                    ProcessUsage.of(qemu.identity()).map(ProcessUsage::cpu).orElse(Duration.ZERO);
            return new Progress(qemu.console().printed(), exits, cpu);
        }

        private CompletableFuture<OptionalLong> ask() {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return monitor.exits();
                        } catch (IOException gone) {
                            throw new UncheckedIOException(gone);
                        }
                    },
                    task -> Thread.ofVirtual().name("boot-exits").start(task));
        }

        @Override
        public void end() {
            qemu.identity().kill(Posix.SIGKILL);
        }
    }
}
