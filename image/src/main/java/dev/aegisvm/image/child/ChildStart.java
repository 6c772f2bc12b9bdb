package dev.aegisvm.image.child;

import module java.base;
import dev.aegisvm.host.Program;

/**
 * How the process that makes images is started: the JVM and the jars of this process with another main class, and limits of
 * its own.
 *
 * @param options of the JVM, such as its start-up cache
 */
record ChildStart(List<String> options) {
    static final int MAX_HEAP_MB = 352;
    static final long MAX_CPU_SECONDS = 1800;

    /**
     * One that was started.
     *
     * @param exit completes with its status, 128 and more if a signal ended it
     */
    record Started(OutputStream orders, InputStream answers, CompletableFuture<Integer> exit, Runnable kill) {}

    /** @param work the directory that it writes to */
    Started start(Path work) throws IOException {
        ProcessBuilder builder = Program.prepared(command(work));
        // Names of files are UTF-8.
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        return new Started(
                process.getOutputStream(),
                process.getInputStream(),
                process.onExit().thenApply(Process::exitValue),
                process::destroyForcibly);
    }

    /** Behind VMs and the daemon when processors are short; no core file, which can be large; no way to more rights. */
    private List<String> command(Path work) {
        List<String> command = new ArrayList<>(List.of("nice", "-n", "10"));
        command.addAll(List.of("prlimit", "--core=0", "--nofile=2048"));
        command.add("--cpu=" + MAX_CPU_SECONDS + ":" + (MAX_CPU_SECONDS + 10));
        command.addAll(Program.NO_NEW_PRIVILEGES);
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(List.of("-Xms16m", "-Xmx" + MAX_HEAP_MB + "m", "-XX:MaxDirectMemorySize=32m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "-Xlog:disable"));
        command.addAll(List.of("-Xlog:all=error,aot*=off,cds*=off:stderr", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-Djava.io.tmpdir=" + work, "-XX:ErrorFile=" + work.resolve("crash.log")));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), ChildMain.class.getName()));
        return command;
    }
}
