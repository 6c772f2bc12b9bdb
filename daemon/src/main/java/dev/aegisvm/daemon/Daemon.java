package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.boot.*;
import dev.aegisvm.daemon.boot.Boots.Places;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.create.*;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.daemon.http.*;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.idle.IdlePolicy.IdleSettings;
import dev.aegisvm.daemon.idle.IdleWatch.IdleTimers;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.network.*;
import dev.aegisvm.daemon.registry.*;
import dev.aegisvm.daemon.router.*;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.storage.Storage;
import dev.aegisvm.gateway.dial.Refusal;
import dev.aegisvm.gateway.intercept.*;
import dev.aegisvm.host.*;
import dev.aegisvm.image.*;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.source.RegistryAccess;
import dev.aegisvm.vmm.*;
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

    private final Home home;
    private final Config config;
    private final Vmm vmm;
    private final Host host;
    private final Bounds bounds;
    private final Deque<Closeable> open = new ArrayDeque<>();
    private @Nullable Closeable lock;

    private Daemon(Home home, Config config, Vmm vmm, Host host, Bounds bounds) {
        this.home = home;
        this.config = config;
        this.vmm = vmm;
        this.host = host;
        this.bounds = bounds;
    }

    /** Opens a daemon, which answers then; or throws, says why, and leaves nothing open. */
    public static Daemon open(Home home, Config config, Vmm vmm, Host host) throws HomeException {
        OptionalLong files = new Machine().maxOpenFiles();
        ForeignBudget budget = ForeignBudget.of(Runtime.getRuntime().maxMemory(), files);
        return open(home, config, vmm, host, new Bounds(ATTACH_WITHIN, Clients.of(files), budget));
    }

    /** What it has of the host: memory for VMs, the jail of VMs and of what makes images, and what guests reach. */
    public record Host(Admission memory, Jail jail, World world) {}

    /**
     * What tests make smaller: how long an ephemeral instance waits for its client, how many may come to the ports, and
     * what guests and clients may make the daemon hold.
     */
    record Bounds(Duration attachWithin, Clients clients, ForeignBudget budget) {}

    static Daemon open(Home home, Config config, Vmm vmm, Host host, Bounds bounds) throws HomeException {
        Daemon daemon = new Daemon(home, config, vmm, host, bounds);
        try {
            daemon.openAll();
            return daemon;
        } catch (HomeException obstacle) {
            daemon.close();
            throw obstacle;
        } catch (IOException | ApiException obstacle) {
            daemon.close();
            throw new HomeException(HostError.text(obstacle), obstacle);
        }
    }

    private void openAll() throws HomeException, IOException {
        CompletableFuture<Vertx> vertx = openVertx();
        openHome();
        open.push(vmm::close);
        Router router = new Router(bounds.clients());
        Database database = SetAside.openRegistry(home);
        open.push(database::close);
        InstanceRows rows = new InstanceRows(database);
        Journal journal = openJournal(rows);
        List<InstanceRecord> stopped = Leftovers.recover(rows.all(), journal);
        Snapshots.finishRewinds(home.instances());
        Leftovers.removeUnknown(home, rows.ids());
        SecretVault secrets = new SecretVault(new SecretRows(database), home.masterKey());
        Boots boots = openBoots(journal, secrets);
        Instances instances = new Instances(
                journal,
                (spec, requested, report) -> new BackgroundWork(boots, spec, requested, report),
                router,
                boots.images(),
                openIdleTimers());
        instances.recover(stopped);
        Snapshots snapshots = openSnapshots(database, instances, boots);
        ForeignBudget.Share imports = bounds.budget().share();
        Services services = new Services(
                instances,
                new Creation(instances, check(boots), bounds.attachWithin()),
                new Processes(instances, journal, home.execs()),
                snapshots,
                new SnapshotFiles(snapshots, boots.images(), vmm, usualEgress(), imports),
                spec -> DiskGuest.open(boots, spec),
                boots.workspaces(),
                secrets,
                boots.images(),
                boots.gateways(),
                new Storage(home, vmm, boots.images()),
                new Metrics(journal, instances),
                journal,
                backend());
        listen(vertx.join(), services, router);
    }

    private Snapshots openSnapshots(Database database, Instances instances, Boots boots) throws IOException {
        SnapshotRows rows = new SnapshotRows(database);
        Saving saving = new Saving(
                home.snapshots(), home::instance, boots.vmm().capabilities().backend());
        return new Snapshots(instances, rows, boots.images(), saving, config.snapshotsMaxMb());
    }

    private CreateCheck check(Boots boots) {
        Size usual = new Size(config.memoryMb(), config.vcpus(), config.diskMb());
        CreateCheck.Bounds all = new CreateCheck.Bounds(
                new Size.Limits(usual, config.diskMaxMb(), host.memory().whole()),
                vmm.capabilities(),
                new EgressCheck(host.world().presets(), host.world().nearby()),
                usualEgress());
        return new CreateCheck(all, boots.secrets(), boots.workspaces(), boots.images());
    }

    /** What the guests of new instances may reach, where nothing else is asked for. */
    private Egress usualEgress() {
        return Egress.of(config.network(), config.networkRate());
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
    private void listen(Vertx vertx, Services services, Router router) throws HomeException, IOException {
        Instances instances = services.instances();
        ApiServer api = new ApiServer(vertx, home.socket(), PrivateDirectory.ourselves(), services);
        open.push(api::close);
        // Those who follow the events are told how each instance ends.
        open.push(services.journal().events());
        open.push(instances::close);
        // No client wakes what is being ended.
        open.push(router::close);
        HttpRouter http =
                new HttpRouter(vertx, bounds.clients(), bounds.budget().share(), instances::route);
        open.push(http::close);
        if (config.metricsPort().isPresent()) {
            open.push(services.metrics().listen(config.metricsPort().getAsInt()));
        }
        http.listen(config.routerPort(), router::httpIs);
        Files.writeString(home.pidFile(), Long.toString(ProcessHandle.current().pid()) + "\n");
        open.push(() -> Files.deleteIfExists(home.pidFile()));
        api.listen();
    }

    /** Takes the home for this daemon alone, and ends what an earlier one left running. */
    private void openHome() throws HomeException, IOException {
        makeDirectories();
        lock = home.lock();
        open.push(CacheUse.begin(home));
        PrivateDirectory.remove(home.scratch());
        PrivateDirectory.ensure(home.scratch());
        PrivateDirectory.ensure(home.execs());
        open.push(() -> PrivateDirectory.remove(home.scratch()));
        Leftovers.endProcesses(home, vmm.capabilities().processNames());
        open.push(() -> PrivateDirectory.remove(home.runDirectory()));
        // A template may be in the making, by a VM that is no instance's. A spare machine ends before that in good
        // order.
        open.push(() -> Leftovers.endProcesses(home, vmm.capabilities().processNames()));
    }

    private Journal openJournal(InstanceRows rows) {
        LogStore logs = new LogStore(home.logs(), new Retention(config.logFileMb() * MEGABYTE, config.logFiles()));
        open.push(logs::close);
        return new Journal(rows, logs, new EventLog(), new Counters(), bounds.budget());
    }

    private Boots openBoots(Journal journal, SecretVault secrets) throws HomeException {
        Interception.Door door = new Interception.Door(
                new CertificateAuthority(home.certificateAuthority()),
                host.world().trust(),
                name -> value(secrets, name));
        Gateways gateways = new Gateways(host.world(), door, home::instance, journal.counters());
        open.push(gateways);
        return new Boots(
                vmm,
                new Places(home::instance, home::runDirectory),
                new Workspaces(home.workspaces(), List.of(home.root(), home.cache(), home.runDirectory())),
                openImages(),
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

    private IdleTimers openIdleTimers() {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("timers").daemon().factory(), new ThreadPoolExecutor.DiscardPolicy());
        timers.setRemoveOnCancelPolicy(true);
        open.push(timers::shutdownNow);
        IdleSettings settings = new IdleSettings(
                config.idlePause(),
                config.idleStop(),
                config.idleCpuPercent(),
                vmm.capabilities().has(Capability.PAUSE_RESUME));
        return new IdleTimers(settings, timers);
    }

    private ImageStock openImages() throws HomeException {
        try {
            // Where no launcher says which build it is, as in a test, there is no start-up cache.
            List<String> cache =
                    Build.id().isEmpty() ? List.of() : List.of("-XX:AOTCache=" + Build.cache("aegis-image"));
            ImageMaker maker = new ImageMaker(host.jail(), cache);
            ImageStock images = new ImageStock(new ImageCache(
                    home.images(),
                    new RegistryAccess(
                            RegistryAccess.dockerConfig(System.getenv()), SystemTrust.bundle(System.getenv())),
                    ImageLimits.DEFAULT,
                    maker,
                    new OwnImages(home.guestProperties())));
            open.push(images::close);
            return images;
        } catch (ImageException obstacle) {
            throw new HomeException(obstacle.getMessage() + ": " + obstacle.hint(), obstacle);
        }
    }

    private void makeDirectories() throws HomeException, IOException {
        for (Path directory : List.of(home.root(), home.data(), home.logs(), home.instances(), home.runDirectory())) {
            PrivateDirectory.ensure(directory);
        }
        Files.createDirectories(home.cache());
        Path directory = home.data();
        long freeKb = Files.getFileStore(directory).getUsableSpace() >> 10;
        if (freeKb < ROOM_KB) {
            throw new HomeException("there are " + freeKb + " KB free at " + directory + ", but aegisd needs " + ROOM_KB
                    + " KB to start: free some space (df -h " + directory + ")");
        }
    }

    private Backend backend() {
        Capabilities all = vmm.capabilities();
        Map<String, Boolean> words = Stream.of(Capability.values())
                .collect(Collectors.toMap(each -> each.name().toLowerCase(Locale.ROOT), all::has));
        return new Backend(all.backend(), new TreeMap<>(words), host.jail()::report);
    }

    /**
     * Ends every VM, then closes what was opened, the last first; all but the home's lock. That one goes with the
     * process, so that others can wait for its end by the lock.
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
            close(lock);
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
