package dev.aegisvm.daemon;

import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.boot.ProcMeminfo;
import dev.aegisvm.daemon.guest.GuestPreparation;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.host.Posix;
import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.Network;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.qemu.QemuSettings;
import dev.aegisvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.io.Reader;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The program {@code aegisd}: runs the daemon in the foreground until it is told to end. */
public final class Main {
    /** How guests reach the outside. With {@link #vmm}, this is all that the daemon knows of its backend. */
    private static final Network NETWORK = new Passt();

    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private Main() {}

    /** Takes no arguments; the home and its settings come from the environment and {@code config.toml}. */
    public static void main(String[] arguments) {
        long started = System.nanoTime();
        boolean prepare = arguments.length == 1 && arguments[0].equals("--prepare");
        if (arguments.length > 0 && !prepare) {
            System.err.println("aegisd: takes no arguments but --prepare, and got '" + arguments[0] + "'");
            System.exit(USAGE);
        }
        Map<String, String> environment = System.getenv();
        try {
            Home home = Home.of(environment, PrivateDirectory.ourUid(), NETWORK.socketsBelowTmp(Path.of("/")));
            StderrLog.install(CappedLog.stderr(home.daemonLog()), "debug".equals(environment.get("AEGIS_LOG")));
            if (prepare) {
                prepare(home, environment);
                return;
            }
            Daemon daemon = open(home, environment);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(daemon), "end"));
            System.getLogger(Main.class.getName())
                    .log(Level.INFO, "aegisd answers after " + (System.nanoTime() - started) / 1_000_000 + " ms");
        } catch (HomeException | IOException | VmmException obstacle) {
            System.err.println("aegisd: " + obstacle.getMessage());
            System.exit(FAILURE);
        }
    }

    /**
     * Ends the daemon and the process. Left to itself, the JVM would wait another 300 ms for threads that are in the kernel,
     * such as those that poll sockets; but it alone can record the start-up cache, so a rehearsal ends its way.
     */
    private static void end(Daemon daemon) {
        daemon.end();
        if (!Boolean.getBoolean("aegis.rehearsal")) {
            Posix.exit(0);
        }
    }

    /** Chooses the accelerator and makes the template of the default shape, so that no first command waits for them. */
    private static void prepare(Home home, Map<String, String> environment)
            throws HomeException, IOException, VmmException {
        PrivateDirectory.ensure(home.root());
        PrivateDirectory.ensure(home.runDirectory());
        Config config = Config.read(home.config(), environment);
        try (QemuVmm vmm = vmm(home, config, environment)) {
            vmm.prepare(new VmShape(config.memoryMb(), config.vcpus()));
        }
    }

    private static Daemon open(Home home, Map<String, String> environment) throws HomeException, IOException {
        PrivateDirectory.ensure(home.root());
        Config config = Config.read(home.config(), environment);
        return Daemon.open(home, config, vmm(home, config, environment), new ProcMeminfo());
    }

    private static QemuVmm vmm(Home home, Config config, Map<String, String> environment) throws HomeException {
        System.Logger log = System.getLogger("dev.aegisvm.vmm");
        Admission admission = new Admission(new ProcMeminfo());
        QemuSettings settings = new QemuSettings(
                guestImage(home.guestProperties()),
                NETWORK,
                home.cache(),
                home.runDirectory(),
                config.templates(),
                Optional.ofNullable(environment.get("AEGIS_ACCEL")).filter(name -> !name.isEmpty()),
                Path.of(System.getProperty("aegis.build", "bin"), "aegis-tsc-khz"),
                config.diskMb(),
                config.spares(),
                shape -> admission.admits(shape.memoryMb()),
                line -> log.log(Level.INFO, line));
        return new QemuVmm(settings, new GuestPreparation());
    }

    /** What {@code make prepare} put into the cache. */
    private static GuestImage guestImage(Path file) throws HomeException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException missing) {
            throw new HomeException("there is no guest to boot (" + file + "): run 'make prepare'", missing);
        }
        return new GuestImage(
                path(file, properties, "kernel"), path(file, properties, "initramfs"), path(file, properties, "base"));
    }

    private static Path path(Path file, Properties properties, String key) throws HomeException {
        String value = properties.getProperty(key, "");
        if (value.isEmpty() || Files.notExists(Path.of(value))) {
            throw new HomeException(file + " names no " + key + " that exists: run 'make prepare' again");
        }
        return Path.of(value);
    }
}
