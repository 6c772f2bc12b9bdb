package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.Build;
import dev.aegisvm.daemon.boot.*;
import dev.aegisvm.daemon.boot.Boots.Places;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.create.*;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.daemon.http.*;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.idle.IdleSettings;
import dev.aegisvm.daemon.idle.IdleWatch.IdleTimers;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.network.Gateways;
import dev.aegisvm.daemon.network.World;
import dev.aegisvm.daemon.registry.*;
import dev.aegisvm.daemon.router.*;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.storage.Storage;
import dev.aegisvm.gateway.dial.Refusal;
import dev.aegisvm.gateway.intercept.CertificateAuthority;
import dev.aegisvm.gateway.intercept.Interception;
import dev.aegisvm.host.*;
import dev.aegisvm.image.*;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.source.RegistrySource;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.Vmm;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The whole daemon: what it is made of, in the order in which it is opened; closed in reverse. */
public final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
    private static final long MEGABYTE = 1024L * 1024;
    /** The registry's driver, its journal and the log fit in this. */
    private static final long ROOM_KB = 8 * 1024;

    private static final Duration ATTACH_WITHIN = Duration.ofSeconds(60);

    private final Deque<Closeable> open = new ArrayDeque<>();
    private @Nullable DaemonLock lock;

    private Daemon() {}

    /**
     * Opens a daemon; it answers when this returns.
     *
     * @throws HomeException when it cannot; the message says why, and nothing stays open
     */
    public static Daemon open(Home home, Config config, Vmm vmm, Host host) throws HomeException {
        OptionalLong files = new Machine().maxOpenFiles();
        ForeignBudget budget = ForeignBudget.of(Runtime.getRuntime().maxMemory(), files);
        return open(home, config, vmm, host, new Bounds(ATTACH_WITHIN, Clients.of(files), budget));
    }

    /**
     * What it has of the host.
     *
     * @param memory which VMs it has the memory for
     * @param jail for the processes that make images
     * @param world what guests reach
     */
    public record Host(Admission memory, Jail jail, World world) {}

    /**
     * What tests make smaller.
     *
     * @param attachWithin how long an ephemeral instance waits for its client
     * @param clients how many may come to the ports
     * @param budget what guests and clients may make it hold
     */
    record Bounds(Duration attachWithin, Clients clients, ForeignBudget budget) {}

    static Daemon open(Home home, Config config, Vmm vmm, Host host, Bounds bounds) throws HomeException {
        Daemon daemon = new Daemon();
        try {
            daemon.openAll(home, config, vmm, host, bounds);
            return daemon;
        } catch (HomeException obstacle) {
            daemon.close();
            throw obstacle;
        } catch (IOException | StoreException obstacle) {
            daemon.close();
            throw new HomeException(HostError.text(obstacle), obstacle);
        }
    }

    private void openAll(Home home, Config config, Vmm vmm, Host host, Bounds bounds)
            throws HomeException, IOException, StoreException {
        CompletableFuture<Vertx> vertx = openVertx();
        Leftovers leftovers = openHome(home, vmm);
        open.push(vmm::close);
        Router router = new Router(bounds.clients());
        Database database = SetAside.openRegistry(home);
        open.push(database::close);
        Journal journal = openJournal(home, config, database, bounds.budget());
        List<InstanceRecord> stopped = new Recovery(journal).run();
        Snapshots.finishRewinds(home.instances());
        leftovers.removeUnknown(journal.store().ids());
        SecretVault secrets = new SecretVault(new SecretRows(database), home.masterKey());
        Boots boots = openBoots(home, vmm, journal, secrets, host);
        Instances instances = new Instances(
                journal,
                (spec, requested, report) -> new BackgroundWork(boots, spec, requested, report),
                router,
                boots.images(),
                openIdleTimers(config, vmm));
        instances.recover(stopped);
        Snapshots snapshots = openSnapshots(home, config, database, instances, boots);
        Services services = new Services(
                instances,
                new Runs(instances, creation(config, instances, secrets, boots), bounds.attachWithin()),
                new Processes(instances, journal, home.execs()),
                snapshots,
                new SnapshotFiles(snapshots, boots.images(), vmm, Egress.of(config.network(), config.networkRate())),
                spec -> DiskGuest.open(boots, spec),
                boots.workspaces(),
                journal.events(),
                secrets,
                boots.images(),
                boots.gateways(),
                Storage.of(home, vmm, boots.images()),
                new Metrics(journal.counters(), journal.budget(), instances),
                journal.counters(),
                journal.budget(),
                backend(vmm));
        listen(home, config, vertx.join(), services, router);
    }

    private static Snapshots openSnapshots(
            Home home, Config config, Database database, Instances instances, Boots boots)
            throws IOException, StoreException {
        SnapshotRows rows = new SnapshotRows(database);
        Saving saving = new Saving(home.snapshots(), home::instance);
        return Snapshots.open(instances, rows, boots.images(), saving, config.snapshotsMaxMb());
    }

    private static Creation creation(Config config, Instances instances, SecretVault secrets, Boots boots) {
        OptionalLong hostMb = boots.admission().whole();
        World world = boots.gateways().world();
        CreateCheck check = new CreateCheck(
                new Size.Limits(
                        new Size(config.memoryMb(), config.vcpus(), config.diskMb()), config.diskMaxMb(), hostMb),
                secrets,
                boots.workspaces(),
                boots.vmm().capabilities(),
                new EgressCheck(world.presets(), world.nearby()),
                Egress.of(config.network(), config.networkRate()));
        return new Creation(instances, boots.images(), check);
    }

    /** In the background: Vert.x and SQLite both take a moment to load, and need nothing of each other. */
    private CompletableFuture<Vertx> openVertx() {
        CompletableFuture<Vertx> vertx = CompletableFuture.supplyAsync(ApiServer::newVertx);
        open.push(() -> {
            var _ = vertx.join().close();
        });
        return vertx;
    }

    /** Lets clients in: those of the instances' ports, then those of the API, which find the rest there. */
    private void listen(Home home, Config config, Vertx vertx, Services services, Router router)
            throws HomeException, IOException {
        Instances instances = services.instances();
        ApiServer api = new ApiServer(vertx, home.socket(), PrivateDirectory.ourselves(), services);
        open.push(api::close);
        // Whoever follows the events is told how each instance ends.
        open.push(services.events());
        open.push(instances::close);
        // Nobody wakes what is being ended.
        open.push(router::close);
        HttpRouter http =
                new HttpRouter(vertx, router.clients(), services.budget().share(), instances::route);
        open.push(http::close);
        if (config.metricsPort().isPresent()) {
            open.push(services.metrics().listen(config.metricsPort().getAsInt()));
        }
        http.listen(config.routerPort(), router);
        Files.writeString(
                home.shared().pidFile(), Long.toString(ProcessHandle.current().pid()) + "\n");
        open.push(() -> Files.deleteIfExists(home.shared().pidFile()));
        api.listen();
    }

    /** Takes the home for this daemon alone, and ends what an earlier one left running. */
    private Leftovers openHome(Home home, Vmm vmm) throws HomeException, IOException {
        makeDirectories(home);
        lock = DaemonLock.take(home.shared().daemonLock());
        open.push(CacheUse.begin(home));
        PrivateDirectory.remove(home.scratch());
        PrivateDirectory.ensure(home.scratch());
        PrivateDirectory.ensure(home.execs());
        open.push(() -> PrivateDirectory.remove(home.scratch()));
        Leftovers leftovers = new Leftovers(home, vmm.processNames());
        leftovers.endProcesses();
        open.push(() -> PrivateDirectory.remove(home.runDirectory()));
        // A template may be in the making, by a VM that is no instance's. A spare machine ends before that in good
        // order.
        open.push(leftovers::endProcesses);
        return leftovers;
    }

    private Journal openJournal(Home home, Config config, Database database, ForeignBudget budget) {
        LogStore logs = new LogStore(home.logs(), new Retention(config.logFileMb() * MEGABYTE, config.logFiles()));
        open.push(logs::close);
        return new Journal(new InstanceRows(database), logs, new EventLog(), new Counters(), budget);
    }

    private Boots openBoots(Home home, Vmm vmm, Journal journal, SecretVault secrets, Host host) throws HomeException {
        Interception.Door door = new Interception.Door(
                new CertificateAuthority(home.certificateAuthority()),
                host.world().trust(),
                name -> value(secrets, name));
        Gateways gateways = Gateways.of(host.world(), door, home::instance, journal.counters());
        open.push(gateways);
        return new Boots(
                vmm,
                new Places(home::instance, home::disk, home::runDirectory),
                new Workspaces(home.workspaces(), List.of(home.root(), home.cache(), home.runDirectory())),
                openImages(home, host.jail()),
                journal,
                secrets,
                host.memory(),
                gateways);
    }

    private static String value(SecretVault secrets, String name) throws Refusal {
        try {
            return String.valueOf(secrets.open(List.of(name)).get(name));
        } catch (ApiException none) {
            String hint = none.error().hint();
            throw new Refusal(none.getMessage() + (hint == null ? "" : "; " + hint));
        }
    }

    private IdleTimers openIdleTimers(Config config, Vmm vmm) {
        ScheduledExecutorService timers = timers();
        open.push(timers::shutdownNow);
        IdleSettings settings = new IdleSettings(
                config.idlePause(),
                config.idleStop(),
                config.idleCpuPercent(),
                vmm.capabilities().has(Capability.PAUSE_RESUME));
        return new IdleTimers(settings, timers);
    }

    private ImageStock openImages(Home home, Jail jail) throws HomeException {
        try {
            // Where no launcher says which build it is, as in a test, there is no start-up cache.
            List<String> cache =
                    Build.id().isEmpty() ? List.of() : List.of("-XX:AOTCache=" + Build.cache("aegis-image"));
            ImageMaker maker = new ImageMaker(jail, cache);
            ImageStock images = new ImageStock(new ImageCache(
                    home.images(),
                    RegistrySource.defaultDockerConfig(),
                    ImageLimits.DEFAULT,
                    maker,
                    new OwnImages(home.guestProperties())));
            open.push(images::close);
            return images;
        } catch (ImageException obstacle) {
            throw new HomeException(obstacle.getMessage() + ": " + obstacle.hint(), obstacle);
        }
    }

    private static void makeDirectories(Home home) throws HomeException, IOException {
        for (Path directory : List.of(home.root(), home.data(), home.logs(), home.instances(), home.runDirectory())) {
            PrivateDirectory.ensure(directory);
        }
        Files.createDirectories(home.cache());
        checkRoom(home.data());
    }

    private static void checkRoom(Path directory) throws HomeException, IOException {
        long freeKb = Files.getFileStore(directory).getUsableSpace() >> 10;
        if (freeKb < ROOM_KB) {
            throw new HomeException("there are " + freeKb + " KB free at " + directory + ", but aegisd needs " + ROOM_KB
                    + " KB to start: free some space (df -h " + directory + ")");
        }
    }

    private static ScheduledExecutorService timers() {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("timers").daemon().factory(), new ThreadPoolExecutor.DiscardPolicy());
        timers.setRemoveOnCancelPolicy(true);
        return timers;
    }

    private static Backend backend(Vmm vmm) {
        Map<String, Boolean> capabilities = new TreeMap<>();
        for (Capability capability : Capability.values()) {
            capabilities.put(
                    capability.name().toLowerCase(Locale.ROOT),
                    vmm.capabilities().has(capability));
        }
        return new Backend(vmm.capabilities().backend(), capabilities, Build.version(), vmm::walls);
    }

    /**
     * Ends every VM, then closes what was opened, the last first; all but the home's lock. That one goes with the
     * process, so that whoever waits for its end can wait for the lock.
     */
    void end() {
        while (!open.isEmpty()) {
            close(open.pop());
        }
    }

    /** Ends the daemon in a process that goes on. */
    @Override
    public void close() {
        end();
        if (lock != null) {
            close(lock::close);
        }
    }

    /** A part that cannot be closed is no reason to leave the others open. */
    private static void close(Closeable part) {
        try {
            part.close();
        } catch (IOException | RuntimeException obstacle) {
            LOG.log(Level.WARNING, "error during shutdown", obstacle);
        }
    }
}
