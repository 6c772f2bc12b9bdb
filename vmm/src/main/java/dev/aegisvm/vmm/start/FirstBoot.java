package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.start.Machines.Machine;

/** A boot of the guest kernel that may fail. With KVM it may show that this host cannot run guests. */
final class FirstBoot {
    /** The longest that a guest kernel may take to the first answer of the harness. */
    private static final Duration EMULATED_LIMIT = Duration.ofMinutes(2);

    /** The same with KVM, where a guest that stands still is ended before. The host may be emulated itself. */
    private static final Duration KVM_LIMIT = Duration.ofMinutes(1);

    static final class NotBooted extends VmmException {
        NotBooted(String message, Throwable cause) {
            super(message, "See the daemon's log.", cause);
        }
    }

    private FirstBoot() {}

    /** Waits for the harness's first answer, with KVM while the guest gets on, and parks it; or ends the machine. */
    static void await(Machine machine, Accelerator accelerator, GuestPreparer preparer) throws NotBooted {
        Duration limit = accelerator.emulated() ? EMULATED_LIMIT : KVM_LIMIT;
        Optional<BootWatch> watch =
                accelerator.emulated() ? Optional.empty() : Optional.of(new BootWatch(machine, BootWatch.STILL));
        try {
            machine.within(limit, () -> preparer.park(machine.channel()));
        } catch (IOException e) {
            String stillness = watch.map(BootWatch::verdict).orElse("");
            String words = lastWords(machine);
            machine.discard();
            throw new NotBooted((stillness.isEmpty() ? e.getMessage() : stillness) + words, e);
        } finally {
            watch.ifPresent(BootWatch::close);
        }
    }

    /** Kills the machine; what the guest kernel printed last, as the end of a sentence. */
    static String lastWords(Machine machine) {
        VmExit ended = machine.kill();
        String words = (ended.console() + " " + ended.diagnostics()).strip().replaceAll("\\s*\\R\\s*", "; ");
        return words.isEmpty() ? "" : "; its last output: " + words.substring(Math.max(0, words.length() - 500));
    }

    /**
     * Watches the boot of a guest with KVM. However slow the host, it goes on as long as the guest shows a sign of
     * life: it prints, or uses a device or a new page of its memory. That its processors run or are left is none, since
     * they are for the host's own interrupts too. A guest that shows none is ended: that host's KVM cannot run it.
     */
    static final class BootWatch implements AutoCloseable {
        /** Longer than the longest time in which a kernel that boots touches no new page and no device. */
        static final Duration STILL = Duration.ofSeconds(5);

        private static final Duration LOOK = Duration.ofMillis(250);

        /**
         * What has happened so far.
         *
         * @param printed bytes on the guest's console
         * @param uses of devices and of new pages; empty where the host's kernel does not count them
         * @param memory of the machine's process, in bytes, to which the guest's new pages add
         */
        record Progress(long printed, OptionalLong uses, long memory) {
            /** Whether the guest got on since then. */
            boolean beyond(Progress earlier) {
                return printed != earlier.printed
                        || !uses.equals(earlier.uses)
                        || (uses.isEmpty() && memory > earlier.memory);
            }
        }

        private final Machine machine;
        private final Duration still;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile CompletableFuture<OptionalLong> asked;
        private volatile String verdict = "";
        private final Thread watcher;

        /** Nothing else asks the machine for something until the watch is closed. */
        BootWatch(Machine machine, Duration still) {
            this.machine = machine;
            this.still = still;
            this.asked = CompletableFuture.completedFuture(OptionalLong.empty());
            this.watcher = Thread.ofVirtual().name("boot-watch").start(this::watch);
        }

        /** Why the boot was ended; empty if it was not. */
        String verdict() {
            return verdict;
        }

        private void watch() {
            try {
                Progress last = progress(OptionalLong.empty());
                Instant moved = Instant.now();
                while (!over.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    Progress now = progress(last.uses());
                    if (now.beyond(last)) {
                        last = now;
                        moved = Instant.now();
                    } else if (Duration.between(moved, Instant.now()).compareTo(still) > 0) {
                        verdict = "it made no progress for " + still.toSeconds() + " s";
                        machine.process().kill(Posix.SIGKILL);
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

        /** Asks the machine without waiting for it: one that does not answer does not move either. */
        private Progress progress(OptionalLong before) {
            OptionalLong uses = asked.getNow(before);
            if (asked.isDone()) {
                CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
                asked = answer;
                Thread.ofVirtual().name("boot-uses").start(() -> {
                    try {
                        answer.complete(machine.uses());
                    } catch (IOException gone) {
                        answer.complete(uses);
                    }
                });
            }
            long memory = machine.process()
                    .usage()
                    .map(host -> host.uniqueBytes() + host.sharedBytes())
                    .orElse(0L);
            return new Progress(machine.printed(), uses, memory);
        }
    }
}
