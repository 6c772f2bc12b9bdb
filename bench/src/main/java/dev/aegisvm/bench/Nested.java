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
        Tool.run("fsck.erofs", "--extract=" + root, MachineFacts.guestFile(sandbox, "base"));
        Path archive = Files.writeString(scratch.resolve("archive.sh"), Programs.resource("archive.sh"));
        Tool.run("sh", "" + archive, "" + root);
        Path script = Files.writeString(scratch.resolve("nested.sh"), Programs.resource("nested.sh"));
        Path cache = sandbox.home().cache();
        Path programs = sandbox.checkout().resolve("bin");
        int rounds = Math.min(TURNS, turns.options().runs());
        List<String> command =
                new ArrayList<>(List.of("bash", "" + script, "" + programs, "" + cache, "" + root, "" + rounds));
        for (String version : MSB) {
            command.add(msb(scratch, version));
        }
        Path java = Path.of(System.getProperty("java.home"));
        Map<String, List<Double>> times =
                inOuterVm(sandbox, command, List.of(sandbox.checkout(), cache, scratch, java));
        row(turns, times, "first", "the first `aegis run -- echo hi` on a host")
                .note("it tries KVM with the boot that makes the template; each with a home and a cache of its own")
                .atMostTimes(1, row(turns, times, "cold", "  where no template can be made"));
        Metric run = row(turns, times, "aegis", "`aegis run -- echo hi`, from a template");
        run.atMostTimes(
                0.5,
                MSB.stream()
                        .map(it -> row(turns, times, it, "  microsandbox " + it + ": `msb run` of the same files"))
                        .min(Comparator.comparingDouble(
                                peer -> peer.row().percentiles().p50()))
                        .orElseThrow());
        forks(turns, times);
    }

    private static void forks(Turns turns, Map<String, List<Double>> times) {
        for (int count : List.of(1, 4)) {
            row(
                            turns,
                            times,
                            "fork." + count,
                            "`aegis fork --count " + count + "` of a VM that runs → all have answered")
                    .atMostTimes(
                            0.3,
                            row(
                                    turns,
                                    times,
                                    "branch." + count,
                                    "  microsandbox " + MSB.getLast() + ": `msb branch` of one of the same files"));
        }
    }

    private static Metric row(Turns turns, Map<String, List<Double>> times, String name, String title) {
        return turns.values("nested." + name, title, "ms", Objects.requireNonNull(times.get(name), name));
    }

    /** A release's program, in a directory of the release's name. */
    private static String msb(Path scratch, String version) throws IOException {
        Path directory = Files.createDirectories(scratch.resolve(version));
        String archive =
                Tool.run("npm", "pack", "--silent", "--pack-destination", "" + directory, PACKAGE + "@" + version);
        Tool.run("tar", "-C", "" + directory, "--strip-components=1", "-xf", directory + "/" + archive.strip());
        return directory.resolve("bin/msb").toString();
    }

    /** What the script tells: for each measure its times, in milliseconds. */
    private static Map<String, List<Double>> inOuterVm(Sandbox sandbox, List<String> command, List<Path> shown)
            throws IOException {
        Path orders = sandbox.scratch("orders");
        OuterVm.Result result;
        try {
            result = new OuterVm(sandbox.checkout(), shown).run(command, orders, LIMIT);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
        if (result.exitCode() != 0) {
            throw new IOException(
                    "the outer VM's command ended with " + result.exitCode() + ":\n" + result.lastLines());
        }
        return Files.readAllLines(orders.resolve("times")).stream()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.groupingBy(
                        words -> words[0], Collectors.mapping(words -> Double.valueOf(words[1]), Collectors.toList())));
    }
}
