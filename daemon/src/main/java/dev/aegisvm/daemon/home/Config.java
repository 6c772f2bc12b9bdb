package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.dial.Proxy;
import dev.aegisvm.gateway.limit.Rate;
import dev.aegisvm.gateway.policy.*;

/**
 * What the user can set, in {@code config.toml} or by a variable of the environment, which wins. docs/CONFIG.md says
 * what each is for; {@link #read} has the bounds.
 *
 * @param snapshotsMaxMb of all snapshots together; 0 for no limit
 * @param routerPort of 127.0.0.1; 0 for any that is free
 * @param metricsPort the same; absent: none
 * @param networkRate bytes a second that an instance's connections move each way; absent: without a limit
 * @param proxy absent: without
 * @param vmUidCount 0 for none, so that VMs are root without rights
 * @param accelerator {@code kvm} or {@code tcg}; empty to find out by trying
 */
public record Config(
        int memoryMb,
        int vcpus,
        int diskMb,
        int diskMaxMb,
        int snapshotsMaxMb,
        int templates,
        int spares,
        int logFileMb,
        int logFiles,
        IdleTimeout idlePause,
        IdleTimeout idleStop,
        int routerPort,
        OptionalInt metricsPort,
        Mode network,
        Optional<Long> networkRate,
        Optional<Proxy> proxy,
        int vmUidFirst,
        int vmUidCount,
        boolean requireJail,
        Optional<String> accelerator,
        int idleCpuPercent) {
    private static final int ROUTER_PORT = 8099;
    /** No range of useradd(8), subuid(5) or systemd's. */
    private static final int FIRST_UID = 0x7000_0000;

    private static final int UIDS = 65_536;

    public static Config defaults() {
        try {
            return read(Path.of("/dev/null"), Map.of());
        } catch (HomeException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads the file, when there is one, and the environment; throws at unknown keys and values out of bounds. */
    public static Config read(Path file, Map<String, String> environment) throws HomeException {
        Settings set = new Settings(file, environment);
        Config config = new Config(
                set.number("memory_mb", 512, VmLimits.MIN_MEMORY_MB, VmLimits.MAX_MEMORY_MB),
                set.number("vcpus", 1, 1, VmLimits.MAX_VCPUS),
                set.number("disk_mb", 8192, VmLimits.MIN_DISK_MB, VmLimits.MAX_DISK_MB),
                set.number("disk_max_mb", VmLimits.MAX_DISK_MB, VmLimits.MIN_DISK_MB, VmLimits.MAX_DISK_MB),
                set.number("snapshots_max_mb", 0, 0, Integer.MAX_VALUE),
                set.number("templates", 6, 1, 100),
                set.number("spares", 2, 0, 8),
                set.number("log_file_mb", 10, 1, 1024),
                set.number("log_files", 5, 2, 100),
                set.time("idle_pause", Duration.ofSeconds(60)),
                set.time("idle_stop", Duration.ofMinutes(5)),
                set.port("router_addr").orElse(ROUTER_PORT),
                set.port("metrics_addr"),
                set.parsed("network", Mode::parse).orElse(Mode.PUBLIC),
                set.parsed("network_rate", Rate::parse).orElse(Optional.empty()),
                proxy(set, environment),
                set.number("vm_uid_first", FIRST_UID, 1000, Integer.MAX_VALUE - UIDS),
                set.number("vm_uid_count", UIDS, 0, UIDS),
                set.word("require_jail", List.of("false", "true")).equals("true"),
                Optional.of(set.word("accelerator", List.of("auto", "kvm", "tcg")))
                        .filter(name -> !name.equals("auto")),
                set.number("idle_cpu_percent", 2, 0, 100));
        set.refuseUnknown();
        if (Integer.bitCount(config.memoryMb) != 1) {
            throw new HomeException("memory_mb must be one of 256, 512, 1024, 2048, …, not " + config.memoryMb);
        }
        if (config.diskMb > config.diskMaxMb) {
            throw new HomeException(
                    "disk_mb (" + config.diskMb + ") is more than disk_max_mb (" + config.diskMaxMb + ")");
        }
        return config;
    }

    /** What is set, or else what programs find in their environment. */
    private static Optional<Proxy> proxy(Settings set, Map<String, String> environment) throws HomeException {
        Optional<String> direct = set.parsed("no_proxy", text -> text);
        Optional<Optional<Proxy>> own = set.parsed("proxy", url -> Proxy.parse(url, direct.orElse("")));
        try {
            return own.isPresent() ? own.get() : Proxy.of(environment, direct);
        } catch (PolicyException wrong) {
            throw new HomeException(
                    "the proxy in the environment is invalid: " + wrong.getMessage()
                            + "; set 'proxy' in config.toml, or AEGIS_PROXY, which take precedence",
                    wrong);
        }
    }

    /** Reads what the user adds to the presets of network rules; an error names the line. */
    public static Presets presets(Home home) throws HomeException {
        try {
            return new Presets(home.presets(), PackageHosts::of);
        } catch (PolicyException mistake) {
            throw new HomeException(String.valueOf(mistake.getMessage()), mistake);
        }
    }
}
