package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** {@code aegis run} with KVM, in turn with microsandbox, in a VM that emulates a processor with virtualization. */
final class Nested {
    /** Its releases that are compared: a tried one, and the newest of November 2026. */
    private static final List<String> MSB = List.of("0.6.18", "0.7.2");

    private static final String PACKAGE = "@superradcompany/microsandbox-linux-x64-gnu@";
    private static final int TURNS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private Nested() {}

    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path root = sandbox.baseFiles();
        Path base = root.resolveSibling("");
        Tool.run("sh", "-c", Sandbox.resource("archive.sh"), "archive.sh", "" + root);
        Path script = Files.writeString(base.resolve("nested.sh"), Sandbox.resource("nested.sh"));
        Path cache = sandbox.home().cache();
        String rounds = "" + Math.min(TURNS, turns.options().runs());
        List<String> command = new ArrayList<>(
                List.of("bash", "" + script, sandbox.checkout() + "/bin", "" + cache, "" + root, rounds));
        for (String version : MSB) {
            command.add(msb(base.resolve("nested").resolve(version), version));
        }
        Path orders = sandbox.scratch("orders");
        List<Path> shown = List.of(sandbox.checkout(), cache, base, Path.of(System.getProperty("java.home")));
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

    /** A release's program, in a directory of the release's name. */
    private static String msb(Path directory, String version) throws IOException {
        Files.createDirectories(directory);
        String archive = Tool.run("npm", "pack", "--silent", "--pack-destination", "" + directory, PACKAGE + version);
        Tool.run("tar", "-C", "" + directory, "--strip-components=1", "-xf", directory + "/" + archive.strip());
        return directory.resolve("bin/msb").toString();
    }
}
