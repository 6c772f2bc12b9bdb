package dev.aegisvm.daemon.home;

import dev.aegisvm.api.IdleTimeout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * @param spares how many machines are kept for starts to come, under emulation; 0..1
 * @param logFileMb size in MiB at which a log file is rotated; 1..1024
 * @param logFiles how many log files an instance keeps; 2..100
 * @param idlePause how long an instance with an exposed port may be idle before it is paused
 * @param idleStop how long after that pause it is stopped
 * @param routerPort the port of 127.0.0.1 on which the HTTP router listens; 0 for any that is free
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
        int idleCpuPercent) {
    private static final Pattern LOOPBACK = Pattern.compile("(?:127\\.0\\.0\\.1|localhost):(\\d{1,5})");
    public static final int MIN_MEMORY_MB = 256;
    public static final int MAX_MEMORY_MB = 65_536;
    public static final int MAX_VCPUS = 16;

    /** Every setting: its key, its variable, its default and its bounds. */
    private enum Setting {
        MEMORY_MB("memory_mb", "AEGIS_MEMORY_MB", 512, MIN_MEMORY_MB, MAX_MEMORY_MB),
        VCPUS("vcpus", "AEGIS_VCPUS", 1, 1, MAX_VCPUS),
        DISK_MB("disk_mb", "AEGIS_DISK_MB", 8192, 64, 65_536),
        DISK_MAX_MB("disk_max_mb", "AEGIS_DISK_MAX_MB", 65_536, 64, 65_536),
        TEMPLATES("templates", "AEGIS_TEMPLATES", 6, 1, 100),
        SPARES("spares", "AEGIS_SPARES", 1, 0, 1),
        LOG_FILE_MB("log_file_mb", "AEGIS_LOG_FILE_MB", 10, 1, 1024),
        LOG_FILES("log_files", "AEGIS_LOG_FILES", 5, 2, 100),
        IDLE_CPU_PERCENT("idle_cpu_percent", "AEGIS_IDLE_CPU_PERCENT", 2, 0, 100),
        /** Written as host and port; the host is always the loopback. */
        ROUTER_ADDR("router_addr", "AEGIS_ROUTER_ADDR", 8099, 0, 65_535),
        /** In seconds, and 0 for never. */
        IDLE_PAUSE("idle_pause", "AEGIS_IDLE_PAUSE", 60, 0, Integer.MAX_VALUE),
        IDLE_STOP("idle_stop", "AEGIS_IDLE_STOP", 300, 0, Integer.MAX_VALUE);

        private final String key;
        private final String variable;
        private final int fallback;
        private final int least;
        private final int most;

        Setting(String key, String variable, int fallback, int least, int most) {
            this.key = key;
            this.variable = variable;
            this.fallback = fallback;
            this.least = least;
            this.most = most;
        }

        private boolean isTimeout() {
            return this == IDLE_PAUSE || this == IDLE_STOP;
        }

        /** Whether the file has it as a text, not as a number. */
        private boolean isText() {
            return isTimeout() || this == ROUTER_ADDR;
        }
    }

    public static Config defaults() {
        return of(new HashMap<>());
    }

    /**
     * Reads the file, when there is one, and then the environment.
     *
     * @throws HomeException when the file is no TOML, has a key that means nothing, or a value is out of its bounds
     */
    public static Config read(Path file, Map<String, String> environment) throws HomeException {
        Map<Setting, Integer> values = new HashMap<>();
        if (Files.exists(file)) {
            readFile(file, values);
        }
        for (Setting setting : Setting.values()) {
            String text = environment.getOrDefault(setting.variable, "");
            if (!text.isEmpty()) {
                values.put(
                        setting,
                        setting.isText()
                                ? meaning(setting, setting.variable, text)
                                : checked(setting, setting.variable, number(setting.variable, text)));
            }
        }
        Config config = of(values);
        if (!isMemoryStep(config.memoryMb)) {
            throw new HomeException("memory_mb is one of 256, 512, 1024, 2048, …, not " + config.memoryMb);
        }
        if (config.diskMb > config.diskMaxMb) {
            throw new HomeException(
                    "disk_mb (" + config.diskMb + ") is more than disk_max_mb (" + config.diskMaxMb + ")");
        }
        return config;
    }

    /** Whether VMs can have this much memory: templates exist for few sizes only. */
    public static boolean isMemoryStep(int memoryMb) {
        return memoryMb >= MIN_MEMORY_MB && memoryMb <= MAX_MEMORY_MB && Integer.bitCount(memoryMb) == 1;
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
                value(values, Setting.IDLE_CPU_PERCENT));
    }

    private static IdleTimeout timeout(Map<Setting, Integer> values, Setting setting) {
        int seconds = value(values, setting);
        return seconds == 0 ? IdleTimeout.NEVER : IdleTimeout.of(Duration.ofSeconds(seconds));
    }

    private static int value(Map<Setting, Integer> values, Setting setting) {
        return values.getOrDefault(setting, setting.fallback);
    }

    private static void readFile(Path file, Map<Setting, Integer> values) throws HomeException {
        TomlParseResult toml;
        try {
            toml = Toml.parse(file);
        } catch (IOException obstacle) {
            throw new HomeException("cannot read " + file + ": " + obstacle, obstacle);
        }
        if (toml.hasErrors()) {
            throw new HomeException(file + ": " + toml.errors().getFirst());
        }
        for (String key : toml.keySet()) {
            Setting setting = settingOf(file, key);
            values.put(setting, setting.isText() ? textOf(file, toml, setting) : numberOf(file, toml, setting));
        }
    }

    private static int textOf(Path file, TomlParseResult toml, Setting setting) throws HomeException {
        String text = toml.isString(setting.key) ? toml.getString(setting.key) : null;
        return meaning(setting, file + ": " + setting.key, text == null ? "" : text);
    }

    /** The number that a text stands for. */
    private static int meaning(Setting setting, String name, String text) throws HomeException {
        return setting.isTimeout() ? seconds(name, text) : port(name, text);
    }

    private static int port(String name, String text) throws HomeException {
        Matcher address = LOOPBACK.matcher(text);
        int port = address.matches() ? Integer.parseInt(address.group(1)) : Integer.MAX_VALUE;
        if (port > Setting.ROUTER_ADDR.most) {
            throw new HomeException(
                    name + " is \"127.0.0.1:PORT\", not '" + text + "': the router listens on the loopback");
        }
        return port;
    }

    private static int numberOf(Path file, TomlParseResult toml, Setting setting) throws HomeException {
        Long value = toml.isLong(setting.key) ? toml.getLong(setting.key) : null;
        if (value == null) {
            throw new HomeException(file + ": " + setting.key + " is a number");
        }
        return checked(setting, setting.key, value);
    }

    private static int seconds(String name, String text) throws HomeException {
        IdleTimeout timeout = IdleTimeout.read(text)
                .orElseThrow(() -> new HomeException(name + " is \"never\", or a time such as \"90s\" or \"5m\""));
        return (int) timeout.limit().orElse(Duration.ZERO).toSeconds();
    }

    private static Setting settingOf(Path file, String key) throws HomeException {
        for (Setting setting : Setting.values()) {
            if (setting.key.equals(key)) {
                return setting;
            }
        }
        throw new HomeException(file + ": unknown key '" + key + "'");
    }

    private static long number(String name, String text) throws HomeException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException mistake) {
            throw new HomeException(name + " is a number, not '" + text + "'", mistake);
        }
    }

    private static int checked(Setting setting, String name, long value) throws HomeException {
        if (value < setting.least || value > setting.most) {
            throw new HomeException(name + " is " + setting.least + ".." + setting.most + ", not " + value);
        }
        return (int) value;
    }
}
