package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** {@code aegis run} with KVM, in turn with microsandbox, in a VM that emulates a processor with virtualization. */
final class Nested {
    /** Its releases that are compared: a tried one, and the newest of November 2026. */
    private static final List<String> MSB = List.of("0.6.18", "0.7.2");

    private static final int TURNS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private Nested() {}

    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path root = sandbox.baseFiles();
        Path base = root.resolveSibling("");
        Path releases = base.resolve("nested");
        List<String> prepare = new ArrayList<>(
                List.of("sh", "-c", Sandbox.resource("nested-files.sh"), "-", "" + root, "" + releases));
        prepare.addAll(MSB);
        Tool.run(prepare.toArray(String[]::new));
        Path script = Files.writeString(base.resolve("nested.sh"), Sandbox.resource("nested.sh"));
        Path cache = sandbox.home().cache();
        String rounds = "" + Math.min(TURNS, turns.options().runs());
        List<String> command = new ArrayList<>(
                List.of("bash", "" + script, sandbox.checkout() + "/bin", "" + cache, "" + root, rounds));
        MSB.forEach(version -> command.add(releases + "/" + version + "/bin/msb"));
        Path orders = sandbox.scratch("orders");
        List<Path> shown = new ArrayList<>(OuterVm.java());
        shown.addAll(List.of(sandbox.checkout(), cache, base));
        OuterVm.Result result = new OuterVm(sandbox.checkout(), shown).run(command, orders, LIMIT);
        if (result.exitCode() != 0) {
            throw new IOException(
                    "the outer VM's command exited with " + result.exitCode() + ":\n" + result.lastLines());
        }
        for (String line : Files.readAllLines(orders.resolve("times"))) {
            String[] words = line.split(" ", 2);
            turns.keep("nested." + words[0], Double.parseDouble(words[1]));
        }
    }
}
