package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.testkit.Tool;

/** What numbers depend on beside the program. */
final class MachineFacts {
    private static final String COMMIT = "git -C \"$0\" describe --always --dirty 2>/dev/null || echo unknown";
    private static final String RUNSC = "runsc --version 2>&1 | head -n 1";
    private static final double KB_PER_GB = 1e6 / 1.024;

    private MachineFacts() {}

    static Map<String, String> gather(Sandbox sandbox) throws IOException {
        String cpu = found("(?m)^model name\\s*: (.*)$", Path.of("/proc/cpuinfo"));
        double memoryKb = Double.parseDouble(found("(?m)^MemTotal:\\s*(\\d+) kB$", Path.of("/proc/meminfo")));
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put(
                "commit", Tool.run("sh", "-c", COMMIT, "" + sandbox.checkout()).strip());
        facts.put("cpu", Runtime.getRuntime().availableProcessors() + " × " + cpu);
        facts.put("memory", Math.round(memoryKb / KB_PER_GB) + " GB");
        facts.put("kernel", System.getProperty("os.version"));
        facts.put("accelerator", sandbox.emulated() ? "tcg" : "kvm");
        facts.put("qemu", Tool.run("qemu-system-x86_64", "--version").replaceFirst("(?s).*version (\\S+).*", "$1"));
        facts.put("guest kernel", guestFile(sandbox, "kernel").replaceFirst(".*/([^/]+)/[^/]+$", "$1"));
        facts.put("runsc", Tool.run("sh", "-c", RUNSC).strip());
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("load before", load());
        return facts;
    }

    /** The file of the guest that has this part in it, {@code kernel} or {@code base}. */
    static String guestFile(Sandbox sandbox, String part) throws IOException {
        return found("(?m)^" + part + "=(.*)$", sandbox.home().cache().resolve(AegisHome.GUEST_PROPERTIES));
    }

    static String load() throws IOException {
        return found("(\\S+ \\S+ \\S+)", Path.of("/proc/loadavg"));
    }

    /** The first group of an expression in a file; 0 where it is not there. */
    static String found(String regex, Path file) throws IOException {
        Matcher matcher = Pattern.compile(regex).matcher(Files.readString(file));
        return matcher.find() ? matcher.group(1) : "0";
    }
}
