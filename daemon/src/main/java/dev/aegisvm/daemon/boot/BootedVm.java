package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.GuestSession.Health;
import dev.aegisvm.daemon.idle.UsageWindow.Sample;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import java.lang.System.Logger.Level;

/** A VM that booted, and the slow things that are done with it. */
final class BootedVm implements LiveVm {
    private static final System.Logger LOG = System.getLogger(BootedVm.class.getName());
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration POWER_OFF = Duration.ofSeconds(10);
    private static final Duration SYNC_BEFORE_FREEZE = Duration.ofMillis(500);
    private static final Duration SYNC_BEFORE_SAVE = Duration.ofMinutes(1);
    private static final Duration SYNC_BEFORE_END = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration HANG_UP = Duration.ofSeconds(3);
    /** Connections that are tried after a save. */
    private static final int MOST_CHANNELS = 4;

    private final Vm vm;
    private final GuestLink link;
    private final Outgoing outgoing;
    private final Main main;
    /** So that its end and a save do not undo each other's freezing. */
    private final Object freezing = new Object();

    private volatile boolean frozen;
    private volatile boolean ending;

    BootedVm(Vm vm, GuestLink link, Outgoing outgoing, Main main) {
        this.vm = vm;
        this.link = link;
        this.outgoing = outgoing;
        this.main = main;
    }

    @Override
    public Vm vm() {
        return vm;
    }

    @Override
    public GuestSession guest() {
        return link.session();
    }

    @Override
    public Main main() {
        return main;
    }

    @Override
    public Optional<Sample> usage() {
        try {
            Health health = guest().health(ANSWER);
            return Optional.of(new Sample(System.nanoTime(), health.cpu(), health.netBytes()));
        } catch (GuestException silent) {
            LOG.log(Level.DEBUG, "the guest did not report its usage: " + silent.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Outgoing outgoing() {
        return outgoing;
    }

    @Override
    public boolean ending() {
        return ending;
    }

    @Override
    public void halt() {
        try {
            synchronized (freezing) {
                ending = true;
                vm.resume();
            }
            link.session().shutdown(GRACE);
            await(GRACE.plus(POWER_OFF));
        } catch (VmmException | GuestException obstacle) {
            LOG.log(Level.INFO, "the guest was not shut down cleanly: " + obstacle.getMessage());
        }
        kill();
    }

    @Override
    public void kill() {
        ending = true;
        Boot.end(vm);
        link.close();
    }

    @Override
    public void saveShares(String path) {
        // A frozen one was synced before, and cannot answer.
        if (!frozen) {
            try {
                link.session().sync(path, SYNC_BEFORE_END);
            } catch (GuestException obstacle) {
                LOG.log(Level.INFO, "shared directories were not synced before the end: " + obstacle.getMessage());
            }
        }
    }

    @Override
    public synchronized void save(Path directory, boolean memory) throws VmmException, IOException {
        vm.capabilities().require(Set.of(Capability.SNAPSHOT));
        boolean frozenNow = frozen;
        if (frozenNow) {
            vm.resume();
            link.frozen(false);
        }
        try {
            // So that the disk alone is of this moment, too.
            link.session().sync(SYNC_BEFORE_SAVE);
            if (memory) {
                vm.settle();
                saveWithMemory(directory);
            } else {
                snapshot(directory, false);
            }
            tell(guest -> guest.clock(Instant.now()));
        } finally {
            synchronized (freezing) {
                if (frozenNow && !ending) {
                    link.frozen(true);
                    vm.pause();
                }
            }
        }
    }

    private void saveWithMemory(Path directory) throws IOException {
        boolean released = false;
        try {
            released = link.session().checkpoint(ANSWER, () -> {
                List<String> names = outgoing.names();
                snapshot(directory, true);
                Files.write(directory.resolve(Boots.NAMES), names);
            });
        } finally {
            if (!released) {
                tell(GuestSession::release);
            }
        }
    }

    private interface Telling {
        void to(GuestSession guest) throws GuestException;
    }

    /** Where a save costs the guest its channel, it is told on the next one. */
    private void tell(Telling what) throws GuestException {
        GuestSession asked = link.session();
        for (int tries = 1; ; tries++) {
            try {
                what.to(asked);
                return;
            } catch (GuestException lost) {
                GuestSession next = link.after(asked);
                if (tries == MOST_CHANNELS || next.equals(asked)) {
                    throw lost;
                }
                asked = next;
            }
        }
    }

    private void snapshot(Path directory, boolean memory) throws IOException {
        try {
            vm.snapshot(directory, memory);
        } catch (VmmException obstacle) {
            throw new IOException(obstacle.getMessage(), obstacle);
        }
    }

    @Override
    public synchronized void freeze() throws VmmException {
        vm.capabilities().require(Set.of(Capability.PAUSE_RESUME));
        try {
            link.session().sync(SYNC_BEFORE_FREEZE);
        } catch (GuestException busy) {
            // Memory is kept; what was not synced is no worse off than before.
            LOG.log(Level.DEBUG, "file systems were not synced before the pause: " + busy.getMessage());
        }
        link.frozen(true);
        try {
            vm.pause();
        } catch (VmmException obstacle) {
            link.frozen(false);
            throw obstacle;
        }
        frozen = true;
    }

    @Override
    public synchronized void thaw() throws VmmException, GuestException {
        vm.resume();
        frozen = false;
        link.frozen(false);
        link.session().clock(Instant.now());
    }

    @Override
    public VmExit awaitGone() {
        link.lost().exceptionally(violation -> null).join();
        await(HANG_UP);
        if (!vm.exit().isDone() && !ending) {
            vm.kill();
        }
        VmExit exit = vm.exit().join();
        link.close();
        return exit;
    }

    @Override
    public String reason(VmExit exit) {
        try {
            link.lost().getNow(null);
        } catch (CompletionException broken) {
            Throwable cause = broken.getCause() == null ? broken : broken.getCause();
            return "the guest broke the protocol: " + cause.getMessage();
        }
        return exit.reason();
    }

    private void await(Duration limit) {
        vm.exit()
                .copy()
                .completeOnTimeout(new VmExit(new End.PoweredOff(), "", ""), limit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
