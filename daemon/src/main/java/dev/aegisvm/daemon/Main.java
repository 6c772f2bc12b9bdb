package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SystemViews.HostReport;
import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.check.HostCheck;
import dev.aegisvm.daemon.guest.GuestPreparation;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.daemon.network.World;
import dev.aegisvm.gateway.intercept.SystemTrust;
import dev.aegisvm.gateway.names.HostUpstream;
import dev.aegisvm.gateway.policy.Nearby;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.qemu.QemuMachines;
import dev.aegisvm.vmm.start.*;
import java.lang.System.Logger.Level;

/** The program {@code aegisd}: runs the daemon in the foreground until it is told to end. */
public final class Main {
    private static final Set<String> MODES = Set.of("", "--prepare", "--check", "--check-kvm");
    private static final String METRICS = "--metrics-addr";
    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private Main() {}

    /** The home and its settings come from the environment and {@code config.toml}. */
    public static void main(String[] arguments) {
        long started = System.nanoTime();
        Map<String, String> environment = new HashMap<>(System.getenv());
        boolean metrics = arguments.length == 2 && arguments[0].equals(METRICS);
        if (metrics) {
            environment.put("AEGIS_METRICS_ADDR", arguments[1]);
        }
        String mode = arguments.length == 0 || metrics ? "" : arguments[0];
        if ((arguments.length > 1 && !metrics) || !MODES.contains(mode)) {
            System.err.println("aegisd: takes --prepare, --check, --check-kvm, " + METRICS
                    + " 127.0.0.1:PORT or no arguments; unknown: " + String.join(" ", arguments));
            System.exit(USAGE);
        }
        try {
            Home home = Home.of(environment, PrivateDirectory.ourUid(), Passt.socketsBelowTmp(Path.of("/")));
            if (mode.equals("--check-kvm")) {
                prepare(home, environment, true);
            }
            if (mode.startsWith("--check")) {
                System.exit(check(home, environment) ? 0 : FAILURE);
            }
            StderrLog.install(home.daemonLog(), "debug".equals(environment.get("AEGIS_LOG")));
            LastResort lastResort = LastResort.install();
            if (mode.equals("--prepare")) {
                prepare(home, environment, false);
                return;
            }
            Daemon daemon = open(home, environment);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(daemon, lastResort), "end"));
            System.getLogger(Main.class.getName())
                    .log(Level.INFO, "aegisd is ready after " + (System.nanoTime() - started) / 1_000_000 + " ms");
        } catch (VmmException obstacle) {
            System.err.println("aegisd: " + obstacle.getMessage() + "\n" + obstacle.hint());
            System.exit(FAILURE);
        } catch (HomeException | IOException obstacle) {
            System.err.println("aegisd: " + HostError.text(obstacle));
            System.exit(FAILURE);
        }
    }

    /**
     * Ends the daemon and the process. Left to itself, the JVM would wait another 300 ms for threads that are in the
     * kernel, such as those that poll sockets; but it alone can record the start-up cache, so a rehearsal ends its way.
     */
    private static void end(Daemon daemon, LastResort lastResort) {
        lastResort.ending();
        daemon.end();
        if (!Boolean.getBoolean("aegis.rehearsal")) {
            Posix.exit(lastResort.status());
        }
    }

    /** Makes the template of the default shape for the first command, or only chooses the accelerator again. */
    private static void prepare(Home home, Map<String, String> environment, boolean kvm)
            throws HomeException, IOException, VmmException {
        PrivateDirectory.ensure(home.root());
        PrivateDirectory.ensure(home.runDirectory());
        Config config = Config.read(home.config(), environment);
        try (Vmm vmm = vmm(home, config, jail(home, config, Cgroup.none("not used for short-lived VMs")))) {
            VmShape usual = new VmShape(config.memoryMb(), config.vcpus());
            if (kvm) {
                vmm.tryAgain(usual);
            } else {
                vmm.prepare(usual);
            }
        }
    }

    /** Prints what the host has and lacks, as one line of JSON; false when something that is needed is missing. */
    private static boolean check(Home home, Map<String, String> environment) throws IOException {
        List<Finding> backend = new ArrayList<>(List.of(QemuMachines.check()));
        backend.addAll(Starter.check(Path.of("/"), home.cache(), home.verdicts()));
        backend.addAll(Passt.check(Path.of("/")));
        backend.add(HostCheck.jail(jail(home, readable(home, environment), Cgroup.none("not used by a check"))));
        HostReport report = HostCheck.report(home, environment, backend);
        System.out.println(ApiJson.text(report));
        return report.ok();
    }

    private static Daemon open(Home home, Map<String, String> environment)
            throws HomeException, IOException, VmmException {
        PrivateDirectory.ensure(home.root());
        Config config = Config.read(home.config(), environment);
        Jail jail = jail(home, config, Cgroup.delegated());
        Vmm vmm = vmm(home, config, jail);
        World world = new World(
                Nearby.ofThisHost(new Machine()::gateways),
                HostUpstream.ofThisHost(),
                config.proxy(),
                Config.presets(home),
                new SystemTrust(environment));
        return Daemon.open(home, config, vmm, new Daemon.Host(Admission.of(new Machine()), jail, world));
    }

    /** The report says what is wrong with one that is not readable. */
    private static Config readable(Home home, Map<String, String> environment) {
        try {
            return Config.read(home.config(), environment);
        } catch (HomeException broken) {
            return Config.defaults();
        }
    }

    private static Jail jail(Home home, Config config, Cgroup memory) {
        return new Jail(
                Build.file(Jail.PROGRAM),
                new Jail.Rules(new Uids(config.vmUidFirst(), config.vmUidCount()), memory, config.requireJail()),
                List.of(home.cache(), home.root(), home.runDirectory()));
    }

    /** With {@link #check}, this is all that the daemon knows of its backend. */
    private static Vmm vmm(Home home, Config config, Jail jail) throws HomeException, IOException, VmmException {
        System.Logger log = System.getLogger("dev.aegisvm.vmm");
        String missing = config.requireJail() ? Wall.lacks(jail.walls()) : "";
        if (!missing.isEmpty()) {
            throw new HomeException("require_jail is set, but this host lacks: " + missing);
        }
        Admission admission = Admission.of(new Machine());
        StartSettings settings = new StartSettings(
                GuestImage.read(home.guestProperties()),
                home.cache(),
                home.verdicts(),
                home.runDirectory(),
                home.scratch(),
                config.templates(),
                config.accelerator(),
                Build.file("aegis-tsc-khz"),
                config.diskMb(),
                config.spares(),
                shape -> admission.admits(shape.memoryMb()),
                line -> log.log(Level.INFO, line));
        return new Starter(settings, new QemuMachines(jail, home.cache()), new GuestPreparation());
    }
}
