package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.testkit.Tool;

/** gVisor's {@code runsc} with the base image's files as its root: the same commands as in a VM of ours, without a network. */
record Runsc(Path bundle, Path state) {
    private static final Path PROGRAM = Path.of("/usr/bin/runsc");

    /** Absent where it cannot run, and then the row that it is the comparison of says why. */
    static Optional<Runsc> find(Sandbox sandbox, Metric compared) throws IOException {
        if (!Files.isExecutable(PROGRAM) || !System.getProperty("user.name").equals("root")) {
            compared.note("not compared with gVisor's runsc: it needs root here, and " + PROGRAM
                    + ", which `scripts/setup --checks` installs");
            return Optional.empty();
        }
        Path bundle = sandbox.scratch("runsc");
        Path root = bundle.resolve("rootfs");
        if (Files.notExists(root)) {
            Tool.run("fsck.erofs", "--extract=" + root, MachineFacts.guestFile(sandbox, "base"));
        }
        return Optional.of(new Runsc(bundle, sandbox.scratch("runsc-state")));
    }

    /** {@code runsc run} of a command, as a whole process; returns what it printed. */
    String run(String... command) throws IOException {
        return whole(runsc("run", "-bundle", bundle(command), "run"));
    }

    /** A container that sleeps, while something is done with it. */
    void whileOneSleeps(Turns.Task task) throws IOException {
        // Detached, it keeps the pipes of who started it.
        ProcessBuilder start = runsc("run", "-detach", "-bundle", bundle("sleep", "infinity"), "sleeper");
        start.inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD);
        if (start.start().onExit().join().exitValue() != 0) {
            throw new IOException("runsc could not start a container");
        }
        try {
            task.run();
        } finally {
            whole(runsc("delete", "-force", "sleeper"));
        }
    }

    /** {@code runsc exec} in it, as a whole process; returns what that printed. */
    String exec(String... command) throws IOException {
        ProcessBuilder exec = runsc("exec", "sleeper");
        exec.command().addAll(List.of(command));
        return whole(exec);
    }

    /** Memory that its processes share with no other. */
    double uniqueMb() throws IOException {
        double sum = 0;
        for (ProcessIdentity process :
                ProcessIdentity.matching(words -> words.toString().contains(state.toString()))) {
            sum += ProcFile.uniqueMb(process.pid());
        }
        return sum;
    }

    private static String whole(ProcessBuilder program) throws IOException {
        return Tool.run(program.redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    private ProcessBuilder runsc(String... words) {
        List<String> command = new ArrayList<>(
                List.of("runsc", "--root=" + state, "--platform=systrap", "--network=none", "--ignore-cgroups"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command);
    }

    private String bundle(String... command) throws IOException {
        Path directory = Files.createDirectories(bundle.resolve(command[0]));
        Path root = directory.resolve("rootfs");
        if (Files.notExists(root)) {
            Files.createSymbolicLink(root, bundle.resolve("rootfs"));
            List<String> spec = new ArrayList<>(List.of("runsc", "spec", "-bundle", directory.toString(), "--"));
            spec.addAll(List.of(command));
            Tool.run(spec.toArray(String[]::new));
        }
        return directory.toString();
    }
}
