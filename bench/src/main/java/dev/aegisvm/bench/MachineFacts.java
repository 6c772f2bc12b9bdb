package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What numbers depend on beside the program. */
final class MachineFacts {
    private static final Pattern CPU = Pattern.compile("(?m)^model name\\s*: (.*)$");
    private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal:\\s*(\\d+) kB$");
    private static final Pattern ACCELERATOR = Pattern.compile("\"accelerator\"\\s*:\\s*\"(\\w+)\"");
    private static final Pattern QEMU = Pattern.compile("\"qemu_version\"\\s*:\\s*\"([^\"]+)\"");
    private static final double KB_PER_GB = 1e6 / 1.024;

    private MachineFacts() {}

    static Map<String, String> gather(Sandbox sandbox) throws IOException {
        Path accelerator = sandbox.cache().resolve("accelerator.json");
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put(
                "commit",
                firstLine(List.of("git", "-C", sandbox.checkout().toString(), "describe", "--always", "--dirty")));
        facts.put("cpu", cores() + " × " + found(CPU, Path.of("/proc/cpuinfo")));
        facts.put(
                "memory", Math.round(Double.parseDouble(found(MEMORY, Path.of("/proc/meminfo"))) / KB_PER_GB) + " GB");
        facts.put(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        facts.put("accelerator", found(ACCELERATOR, accelerator));
        facts.put("qemu", found(QEMU, accelerator));
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("load before", load());
        return facts;
    }

    /** Whether the daemon has found no virtualization that works, as it keeps in its cache. */
    static boolean emulated(Path cache) throws IOException {
        return found(ACCELERATOR, cache.resolve("accelerator.json")).equals("tcg");
    }

    /** The load of the last minute, five and fifteen minutes. */
    static String load() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
        return fields[0] + " " + fields[1] + " " + fields[2];
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static String found(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        return matcher.find() ? matcher.group(1) : "0";
    }

    private static String firstLine(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.onExit().join();
        return output.lines().findFirst().orElse("unknown");
    }
}
