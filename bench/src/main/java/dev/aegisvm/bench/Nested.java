package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** {@code aegis run} with KVM, in turn with microsandbox, in a VM that emulates a processor with virtualization. */
record Nested(Turns turns, Map<String, List<Double>> times) {
    /** Its releases that are compared: a tried one, and the newest of November 2026. */
    private static final List<String> MSB = List.of("0.6.18", "0.7.2");

    private static final String PACKAGE = "@superradcompany/microsandbox-linux-x64-gnu";
    private static final int TURNS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(30);

    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path root = sandbox.baseFiles();
        Tool.run("sh", "-c", Programs.resource("archive.sh"), "archive.sh", "" + root);
        Path scratch = root.resolveSibling("nested");
        Path script = Files.writeString(root.resolveSibling("nested.sh"), Programs.resource("nested.sh"));
        Path cache = sandbox.home().cache();
        Path programs = sandbox.checkout().resolve("bin");
        int rounds = Math.min(TURNS, turns.options().runs());
        List<String> command =
                new ArrayList<>(List.of("bash", "" + script, "" + programs, "" + cache, "" + root, "" + rounds));
        for (String version : MSB) {
            command.add(msb(scratch.resolve(version), version));
        }
        Path java = Path.of(System.getProperty("java.home"));
        List<Path> shown = List.of(sandbox.checkout(), cache, root.resolveSibling(""), java);
        new Nested(turns, inOuterVm(sandbox, command, shown)).rows();
    }

    private void rows() {
        row("first", "the first `aegis run -- echo hi` on a host")
                .atMostTimes(1, row("cold", "  where no template can be made"));
        Metric run = row("aegis", "`aegis run -- echo hi`, from a template");
        Stream<Metric> others =
                MSB.stream().map(each -> row(each, "  microsandbox " + each + ": `msb run` of the same files"));
        run.atMostTimes(
                0.5,
                others.min(Comparator.comparingDouble(
                                other -> other.row().percentiles().p50()))
                        .orElseThrow());
        String branch = "  microsandbox " + MSB.getLast() + ": `msb branch` of one of the same files";
        for (int count : List.of(1, 4)) {
            row("fork." + count, "`aegis fork --count " + count + "` of a VM that runs → all have answered")
                    .atMostTimes(0.3, row("branch." + count, branch));
        }
    }

    private Metric row(String name, String title) {
        return turns.values("nested." + name, title, "ms", Objects.requireNonNull(times.get(name), name));
    }

    /** A release's program, in a directory of the release's name. */
    private static String msb(Path directory, String version) throws IOException {
        Files.createDirectories(directory);
        String archive =
                Tool.run("npm", "pack", "--silent", "--pack-destination", "" + directory, PACKAGE + "@" + version);
        Tool.run("tar", "-C", "" + directory, "--strip-components=1", "-xf", directory + "/" + archive.strip());
        return directory.resolve("bin/msb").toString();
    }

    /** What the script tells: for each measure its times, in milliseconds. */
    private static Map<String, List<Double>> inOuterVm(Sandbox sandbox, List<String> command, List<Path> shown)
            throws IOException {
        Path orders = sandbox.scratch("orders");
        OuterVm.Result result = new OuterVm(sandbox.checkout(), shown).run(command, orders, LIMIT);
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
