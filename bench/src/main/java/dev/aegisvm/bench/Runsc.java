package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.testkit.Tool;

/** gVisor's {@code runsc}, with the base image's files as its root and without a network. */
record Runsc(Path root, Path state) {
    private static final Path PROGRAM = Path.of("/usr/bin/runsc");

    /** Absent where it cannot run: it needs root here. */
    static Optional<Runsc> find(Sandbox sandbox) throws IOException {
        if (!Files.isExecutable(PROGRAM) || !System.getProperty("user.name").equals("root")) {
            Main.say("not compared with gVisor: as root, `scripts/setup --checks` installs " + PROGRAM);
            return Optional.empty();
        }
        return Optional.of(new Runsc(sandbox.baseFiles(), sandbox.scratch("runsc")));
    }

    /** {@code runsc run} of a command, as a whole process; returns what it printed. */
    String run(String id, String... command) throws IOException {
        return runsc("run", "-bundle", bundle(command), id);
    }

    /** A container that sleeps, while something is done with it. */
    void whileOneSleeps(Turns.Task task) throws IOException {
        // Detached, it keeps the pipes of its parent.
        Tool.run(program("run", "-detach", "-bundle", bundle("sleep", "infinity"), "sleeper")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        try {
            task.run();
        } finally {
            runsc("delete", "-force", "sleeper");
        }
    }

    /** {@code runsc exec} in it, as a whole process; returns what that printed. */
    String exec(String command) throws IOException {
        return runsc("exec", "sleeper", command);
    }

    /** Memory that its processes share with no other. */
    double uniqueMb() throws IOException {
        double sum = 0;
        for (ProcessIdentity process : ProcessIdentity.matching(words -> ("" + words).contains("" + state))) {
            sum += Usage.uniqueMb(process.pid());
        }
        return sum;
    }

    private String runsc(String... words) throws IOException {
        return Tool.run(program(words));
    }

    private ProcessBuilder program(String... words) {
        List<String> command = new ArrayList<>(
                List.of("runsc", "--root=" + state, "--platform=systrap", "--network=none", "--ignore-cgroups"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** A directory as runsc wants it, for a command. */
    private String bundle(String... command) throws IOException {
        Path directory = Files.createDirectories(state.resolveSibling("runsc-" + command[0]));
        if (Files.notExists(directory.resolve("rootfs"))) {
            Files.createSymbolicLink(directory.resolve("rootfs"), root);
            List<String> spec = new ArrayList<>(List.of("runsc", "spec", "-bundle", "" + directory, "--"));
            spec.addAll(List.of(command));
            Tool.run(spec.toArray(String[]::new));
        }
        return directory.toString();
    }
}
