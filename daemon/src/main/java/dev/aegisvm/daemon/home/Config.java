package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.api.VmLimits;
import dev.aegisvm.gateway.policy.Mode;
import dev.aegisvm.gateway.policy.PolicyException;
import dev.aegisvm.host.HostError;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * What the user can set, in {@code config.toml} or by a variable of the environment, which wins.
 *
 * @param memoryMb memory in MiB of an instance that does not ask for another amount; 256 times a power of two
 * @param vcpus virtual CPUs of an instance that does not ask for another number; 1..16
 * @param diskMb size in MiB of the file system on the disk of an instance that does not ask for another; 64..diskMaxMb
 * @param diskMaxMb the largest that an instance may ask for; 64..65536
 * @param templates how many templates are kept; 1..100
 * @param spares how many machines are kept for starts to come, under emulation; 0..8
 * @param logFileMb size in MiB at which a log file is rotated; 1..1024
 * @param logFiles how many log files an instance keeps; 2..100
 * @param idlePause how long an instance with an exposed port may be idle before it is paused
 * @param idleStop how long after that pause it is stopped
 * @param routerPort the port of 127.0.0.1 on which the HTTP router listens; 0 for any that is free
 * @param metricsPort the port of 127.0.0.1 on which metrics are served; 0 for any that is free; absent: none
 * @param network what the guest of a new instance may reach, where nothing else is asked for
 * @param vmUidFirst the first of the uids that VMs get, one each, if the daemon is root's; nobody else may have them
 * @param vmUidCount how many there are; 0 for none, so that VMs are root without rights
 * @param requireJail whether the daemon refuses to start where a wall around VMs is missing
 * @param accelerator what runs the guests' instructions, {@code kvm} or {@code tcg}; empty to find out by trying
 * @param idleCpuPercent a guest that uses more than this share of one vCPU is not idle; 0..100
 */
public record Config(
        int memoryMb,
        int vcpus,
        int diskMb,
        int diskMaxMb,
        int templates,
        int spares,
        int logFileMb,
        int logFiles,
        IdleTimeout idlePause,
        IdleTimeout idleStop,
        int routerPort,
        OptionalInt metricsPort,
        Mode network,
        int vmUidFirst,
        int vmUidCount,
        boolean requireJail,
        Optional<String> accelerator,
        int idleCpuPercent) {
    private static final Pattern LOOPBACK = Pattern.compile("(?:127\\.0\\.0\\.1|localhost):(\\d{1,5})");

    private static final List<String> ACCELERATORS = List.of("auto", "kvm", "tcg");
    private static final List<Mode> NETWORKS = List.of(Mode.NONE, Mode.PUBLIC, Mode.ALLOW, Mode.OPEN);

    /** The parser goes down into each of them. */
    private static final int MAX_BRACKETS = 100;

    /** Every setting, with its default and its bounds. The key is its name in small letters; its variable has AEGIS_ before it. */
    private enum Setting {
        MEMORY_MB(512, VmLimits.MIN_MEMORY_MB, VmLimits.MAX_MEMORY_MB),
        VCPUS(1, 1, VmLimits.MAX_VCPUS),
        DISK_MB(8192, VmLimits.MIN_DISK_MB, VmLimits.MAX_DISK_MB),
        DISK_MAX_MB(VmLimits.MAX_DISK_MB, VmLimits.MIN_DISK_MB, VmLimits.MAX_DISK_MB),
        TEMPLATES(6, 1, 100),
        SPARES(2, 0, 8),
        LOG_FILE_MB(10, 1, 1024),
        LOG_FILES(5, 2, 100),
        IDLE_CPU_PERCENT(2, 0, 100),
        /** One of {@link #NETWORKS}. */
        NETWORK(1, 0, 3),
        /** No range of useradd(8), subuid(5) or systemd's. */
        VM_UID_FIRST(0x7000_0000, 1000, Integer.MAX_VALUE - 65_536),
        VM_UID_COUNT(65_536, 0, 65_536),
        /** true or false. */
        REQUIRE_JAIL(0, 0, 1),
        /** One of {@link #ACCELERATORS}. */
        ACCELERATOR(0, 0, 2),
        /** Written as host and port; the host is always the loopback. */
        ROUTER_ADDR(8099, 0, 65_535),
        /** The same; -1 for nowhere. */
        METRICS_ADDR(-1, -1, 65_535),
        /** In seconds, and 0 for never. */
        IDLE_PAUSE(60, 0, Integer.MAX_VALUE),
        IDLE_STOP(300, 0, Integer.MAX_VALUE);

        private final String key = name().toLowerCase(Locale.ROOT);
        private final int fallback;
        private final int min;
        private final int max;

        Setting(int fallback, int min, int max) {
            this.fallback = fallback;
            this.min = min;
            this.max = max;
        }

        /**
         * What a value stands for.
         *
         * @param name what the user calls the setting
         * @param value a number or a text of the file, or the text of a variable
         */
        private int read(String name, Object value) throws HomeException {
            String text = value instanceof String given ? given : "";
            return switch (this) {
                case IDLE_PAUSE, IDLE_STOP -> seconds(name, text);
                case ROUTER_ADDR, METRICS_ADDR -> port(name, text);
                case ACCELERATOR -> accelerator(name, value.toString());
                case NETWORK -> network(name, value.toString());
                case REQUIRE_JAIL -> truth(name, value.toString());
                default -> checked(name, value instanceof Long number ? number : number(name, text));
            };
        }

        private int checked(String name, long value) throws HomeException {
            if (value < min || value > max) {
                throw new HomeException(name + " is " + min + ".." + max + ", not " + value);
            }
            return (int) value;
        }
    }

    public static Config defaults() {
        return of(new EnumMap<>(Setting.class));
    }

    /**
     * Reads the file, when there is one, and then the environment.
     *
     * @throws HomeException when the file is no TOML, has a key that means nothing, or a value is out of its bounds
     */
    public static Config read(Path file, Map<String, String> environment) throws HomeException {
        Map<Setting, Integer> values = new EnumMap<>(Setting.class);
        if (Files.exists(file)) {
            readFile(file, values);
        }
        for (Setting setting : Setting.values()) {
            String variable = setting == Setting.ACCELERATOR ? "AEGIS_ACCEL" : "AEGIS_" + setting.name();
            String text = environment.getOrDefault(variable, "");
            if (!text.isEmpty()) {
                values.put(setting, setting.read(variable, text));
            }
        }
        Config config = of(values);
        if (Integer.bitCount(config.memoryMb) != 1) {
            throw new HomeException("memory_mb is one of 256, 512, 1024, 2048, …, not " + config.memoryMb);
        }
        if (config.diskMb > config.diskMaxMb) {
            throw new HomeException(
                    "disk_mb (" + config.diskMb + ") is more than disk_max_mb (" + config.diskMaxMb + ")");
        }
        return config;
    }

    private static void readFile(Path file, Map<Setting, Integer> values) throws HomeException {
        TomlParseResult toml;
        try {
            String text = Files.readString(file);
            if (text.chars().filter(c -> c == '[' || c == '{').count() > MAX_BRACKETS) {
                throw new HomeException(file + " has more than " + MAX_BRACKETS + " brackets; no setting needs one");
            }
            if (text.indexOf('\\') >= 0) {
                throw new HomeException(file + " has a backslash; no setting needs one");
            }
            toml = Toml.parse(text);
        } catch (IOException obstacle) {
            throw new HomeException("cannot read " + file + ": " + HostError.reason(obstacle), obstacle);
        }
        if (toml.hasErrors()) {
            throw new HomeException(file + ": " + toml.errors().getFirst());
        }
        for (Map.Entry<String, Object> entry : toml.entrySet()) {
            String name = file + ": " + entry.getKey();
            Setting setting = Arrays.stream(Setting.values())
                    .filter(known -> known.key.equals(entry.getKey()))
                    .findFirst()
                    .orElseThrow(() -> new HomeException(file + ": unknown key '" + entry.getKey() + "'"));
            values.put(setting, setting.read(name, entry.getValue()));
        }
    }

    private static Config of(Map<Setting, Integer> values) {
        return new Config(
                value(values, Setting.MEMORY_MB),
                value(values, Setting.VCPUS),
                value(values, Setting.DISK_MB),
                value(values, Setting.DISK_MAX_MB),
                value(values, Setting.TEMPLATES),
                value(values, Setting.SPARES),
                value(values, Setting.LOG_FILE_MB),
                value(values, Setting.LOG_FILES),
                timeout(values, Setting.IDLE_PAUSE),
                timeout(values, Setting.IDLE_STOP),
                value(values, Setting.ROUTER_ADDR),
                metricsPort(value(values, Setting.METRICS_ADDR)),
                NETWORKS.get(value(values, Setting.NETWORK)),
                value(values, Setting.VM_UID_FIRST),
                value(values, Setting.VM_UID_COUNT),
                value(values, Setting.REQUIRE_JAIL) == 1,
                Optional.of(ACCELERATORS.get(value(values, Setting.ACCELERATOR)))
                        .filter(name -> !name.equals("auto")),
                value(values, Setting.IDLE_CPU_PERCENT));
    }

    private static int value(Map<Setting, Integer> values, Setting setting) {
        return values.getOrDefault(setting, setting.fallback);
    }

    private static OptionalInt metricsPort(int port) {
        return port < 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    private static IdleTimeout timeout(Map<Setting, Integer> values, Setting setting) {
        int seconds = value(values, setting);
        return seconds == 0 ? IdleTimeout.NEVER : IdleTimeout.of(Duration.ofSeconds(seconds));
    }

    private static int port(String name, String text) throws HomeException {
        Matcher address = LOOPBACK.matcher(text);
        int port = address.matches() ? Integer.parseInt(address.group(1)) : Integer.MAX_VALUE;
        if (port > Setting.ROUTER_ADDR.max) {
            throw new HomeException(name + " is \"127.0.0.1:PORT\", not '" + text + "': it is always on the loopback");
        }
        return port;
    }

    private static int accelerator(String name, String text) throws HomeException {
        int known = ACCELERATORS.indexOf(text);
        if (known < 0) {
            throw new HomeException(name + " is one of " + String.join(", ", ACCELERATORS) + ", not '" + text + "'");
        }
        return known;
    }

    private static int network(String name, String text) throws HomeException {
        try {
            return NETWORKS.indexOf(Mode.parse(text));
        } catch (PolicyException unknown) {
            throw new HomeException(name + ": " + unknown.getMessage(), unknown);
        }
    }

    private static int truth(String name, String text) throws HomeException {
        return switch (text) {
            case "true" -> 1;
            case "false" -> 0;
            default -> throw new HomeException(name + " is true or false, not '" + text + "'");
        };
    }

    private static int seconds(String name, String text) throws HomeException {
        IdleTimeout timeout = IdleTimeout.read(text)
                .orElseThrow(() -> new HomeException(name + " is \"never\", or a time such as \"90s\" or \"5m\""));
        return (int) timeout.limit().orElse(Duration.ZERO).toSeconds();
    }

    private static long number(String name, String text) throws HomeException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException mistake) {
            throw new HomeException(name + " is a number, not '" + text + "'", mistake);
        }
    }
}
