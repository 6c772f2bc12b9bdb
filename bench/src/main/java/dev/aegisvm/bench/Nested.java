package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** {@code aegis run} with KVM, in turn with microsandbox, in a VM that emulates a processor with virtualization. */
final class Nested {
    /** Its releases that are compared: a tried one, and the newest of November 2026. */
    private static final List<String> MSB = List.of("0.6.18", "0.7.2");

    private static final String PACKAGE = "@superradcompany/microsandbox-linux-x64-gnu";
    private static final int TURNS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private Nested() {}

    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("nested");
        Path root = scratch.resolve("root");
        Tool.run("fsck.erofs", "--extract=" + root, MachineFacts.baseImage(sandbox));
        Path script = Files.writeString(scratch.resolve("nested.sh"), Programs.resource("nested.sh"));
        Path cache = sandbox.home().cache();
        String programs = sandbox.checkout().resolve("bin").toString();
        String rounds = Integer.toString(Math.min(TURNS, turns.options().runs()));
        List<String> command = new ArrayList<>(
                List.of("bash", script.toString(), programs, cache.toString(), root.toString(), rounds));
        for (String version : MSB) {
            command.add(msb(scratch, version));
        }
        Map<String, List<Double>> times = inOuterVm(sandbox, command, List.of(sandbox.checkout(), cache, scratch));
        row(turns, times, "first", "the first `aegis run -- echo hi` on a host")
                .note("it tries KVM with the boot that makes the template; each with a home and a cache of its own")
                .atMostTimes(1, row(turns, times, "cold", "  where no template can be made"));
        Metric run = row(turns, times, "aegis", "`aegis run -- echo hi`, from a template");
        List<Metric> peers = MSB.stream()
                .map(version ->
                        row(turns, times, version, "  microsandbox " + version + ": `msb run` of the same files"))
                .toList();
        run.atMostTimes(
                0.5,
                Collections.min(
                        peers,
                        Comparator.comparingDouble(
                                peer -> peer.row().percentiles().p50())));
    }

    private static Metric row(Turns turns, Map<String, List<Double>> times, String name, String title) {
        return turns.values("nested." + name, title, "ms", Objects.requireNonNull(times.get(name), name));
    }

    /** A release's program, in a directory of the release's name. */
    private static String msb(Path scratch, String version) throws IOException {
        Path directory = Files.createDirectories(scratch.resolve(version));
        Tool.run("npm", "pack", "--silent", "--pack-destination", directory.toString(), PACKAGE + "@" + version);
        try (Stream<Path> archives = Files.list(directory)) {
            String archive = archives.findFirst().orElseThrow().toString();
            Tool.run("tar", "-C", directory.toString(), "--strip-components=1", "-xf", archive);
        }
        return directory.resolve("bin/msb").toString();
    }

    /** What the script tells: for each measure its times, in milliseconds. */
    private static Map<String, List<Double>> inOuterVm(Sandbox sandbox, List<String> command, List<Path> shown)
            throws IOException {
        Path orders = sandbox.scratch("orders");
        List<Path> all = new ArrayList<>(shown);
        all.add(Path.of(System.getProperty("java.home")));
        OuterVm.Result result;
        try {
            result = new OuterVm(sandbox.checkout(), all, 2).run(command, orders, LIMIT);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
        if (result.exitCode() != 0) {
            throw new IOException(
                    "the outer VM's command ended with " + result.exitCode() + ":\n" + result.lastLines());
        }
        Map<String, List<Double>> times = new HashMap<>();
        for (String line : Files.readAllLines(orders.resolve("times"))) {
            String[] words = line.split(" ", 2);
            times.computeIfAbsent(words[0], _ -> new ArrayList<>()).add(Double.valueOf(words[1]));
        }
        return times;
    }
}
