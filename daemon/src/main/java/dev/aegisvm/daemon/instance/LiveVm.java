package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.GuestSession.Health;
import dev.aegisvm.daemon.idle.UsageWindow.Sample;
import dev.aegisvm.vmm.*;
import java.lang.System.Logger.Level;

/**
 * A VM whose main process was started: everything that a running instance has and a stopped one has not, and the slow
 * things that are done with it. It is equal to itself alone.
 */
public final class LiveVm {
    /** Beside a saved machine: the names whose addresses its guest knows; they stay valid in its copies. */
    public static final String NAMES = "names";

    private static final System.Logger LOG = System.getLogger(LiveVm.class.getName());
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration POWER_OFF = Duration.ofSeconds(10);
    private static final Duration SYNC_BEFORE_FREEZE = Duration.ofMillis(500);
    private static final Duration SYNC_BEFORE_SAVE = Duration.ofMinutes(1);
    private static final Duration SYNC_BEFORE_END = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration HANG_UP = Duration.ofSeconds(3);
    /** Connections that are tried after a save. */
    private static final int MOST_CHANNELS = 4;

    /**
     * Its main process.
     *
     * @param output completes when all that it wrote has been passed on
     * @param secrets variables for all processes; kept in memory only
     */
    public record Main(GuestProcess process, CompletableFuture<Void> output, Map<String, String> secrets) {
        public Main {
            secrets = Map.copyOf(secrets);
        }
    }

    private final GuestLink link;
    private final Outgoing outgoing;
    private final Main main;
    /** So that its end and a save do not undo each other's freezing. */
    private final Object freezing = new Object();

    private volatile boolean frozen;
    private volatile boolean ending;

    public LiveVm(GuestLink link, Outgoing outgoing, Main main) {
        this.link = link;
        this.outgoing = outgoing;
        this.main = main;
    }

    public Vm vm() {
        return link.vm();
    }

    public GuestSession guest() {
        return link.session();
    }

    public Main main() {
        return main;
    }

    /** What its guest has used since its boot; empty when that does not answer. Blocks. */
    public Optional<Sample> usage() {
        try {
            Health health = guest().health(ANSWER);
            return Optional.of(new Sample(System.nanoTime(), health.cpu(), health.netBytes()));
        } catch (GuestException silent) {
            LOG.log(Level.DEBUG, "the guest did not report its usage: " + silent.getMessage());
            return Optional.empty();
        }
    }

    public Outgoing outgoing() {
        return outgoing;
    }

    /** Whether we end it ourselves, so that its end needs no explanation. */
    public boolean ending() {
        return ending;
    }

    /** Shuts the guest down, or kills it when it does not obey; returns when its process has ended. */
    public void halt() {
        try {
            synchronized (freezing) {
                ending = true;
                vm().resume();
            }
            link.session().shutdown(GRACE);
            var _ = vm().exit(GRACE.plus(POWER_OFF));
        } catch (VmmException | GuestException obstacle) {
            LOG.log(Level.INFO, "the guest was not shut down cleanly: " + obstacle.getMessage());
        }
        kill();
    }

    /** Ends the VM at once; returns when its process has ended. */
    public void kill() {
        ending = true;
        end(vm());
        link.close();
    }

    /** The same for one that has not booted yet. */
    public static void end(Vm vm) {
        vm.kill();
        vm.exit().join();
    }

    /** Has the guest write to the host what it has not written to a share at this path, within a second at most. */
    public void saveShares(String path) {
        // A frozen one was synced before, and cannot answer.
        if (!frozen) {
            try {
                link.session().sync(Optional.of(path), SYNC_BEFORE_END);
            } catch (GuestException obstacle) {
                LOG.log(Level.INFO, "shared directories were not synced before the end: " + obstacle.getMessage());
            }
        }
    }

    /**
     * Saves it as it is at one moment, with its memory or the disk alone, into an empty directory; it goes on after
     * that, or stays frozen. One thing at a time is done to its time.
     */
    public synchronized void save(Path directory, boolean memory) throws VmmException, IOException {
        vm().capabilities().require(Set.of(Capability.SNAPSHOT));
        boolean frozenNow = frozen;
        if (frozenNow) {
            vm().resume();
            link.frozen(false);
        }
        try {
            // So that the disk alone is of this moment, too.
            link.session().sync(Optional.empty(), SYNC_BEFORE_SAVE);
            if (memory) {
                vm().settle();
                saveWithMemory(directory);
            } else {
                snapshot(directory, false);
            }
            tell(guest -> guest.clock(Instant.now()));
        } finally {
            synchronized (freezing) {
                if (frozenNow && !ending) {
                    link.frozen(true);
                    vm().pause();
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
                Files.write(directory.resolve(NAMES), names);
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
            vm().snapshot(directory, memory);
        } catch (VmmException obstacle) {
            throw new IOException(obstacle.getMessage(), obstacle);
        }
    }

    /** Why it cannot be paused; empty when it can. */
    Optional<VmmException> obstacleToPause() {
        return vm().capabilities().lack(Set.of(Capability.PAUSE_RESUME));
    }

    /** Stops its time, after a short try to save what the guest has not written yet. */
    public synchronized void freeze() throws VmmException {
        vm().capabilities().require(Set.of(Capability.PAUSE_RESUME));
        try {
            link.session().sync(Optional.empty(), SYNC_BEFORE_FREEZE);
        } catch (GuestException busy) {
            // Memory is kept; what was not synced is no worse off than before.
            LOG.log(Level.DEBUG, "file systems were not synced before the pause: " + busy.getMessage());
        }
        link.frozen(true);
        try {
            vm().pause();
        } catch (VmmException obstacle) {
            link.frozen(false);
            throw obstacle;
        }
        frozen = true;
    }

    /** Lets its time go on, with the right clock. */
    public synchronized void thaw() throws VmmException, GuestException {
        vm().resume();
        frozen = false;
        link.frozen(false);
        link.session().clock(Instant.now());
    }

    /** Waits for the end of the VM's process, which it helps along when the guest hung up. */
    public VmExit awaitGone() {
        link.lost().exceptionally(violation -> null).join();
        if (vm().exit(HANG_UP).isEmpty() && !ending) {
            vm().kill();
        }
        VmExit exit = vm().exit().join();
        link.close();
        return exit;
    }

    /** Why the VM ended, in one sentence. */
    public String reason(VmExit exit) {
        try {
            link.lost().getNow(null);
        } catch (CompletionException broken) {
            Throwable cause = broken.getCause() == null ? broken : broken.getCause();
            return "the guest broke the protocol: " + cause.getMessage();
        }
        return exit.reason();
    }
}
