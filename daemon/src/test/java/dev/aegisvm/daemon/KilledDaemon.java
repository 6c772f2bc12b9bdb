package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.fake.FakeVmm;

/** A daemon in a process of its own, on a fake hypervisor whose VMs have processes, so that it can be killed by force. */
final class KilledDaemon {
    private final Process process;

    private KilledDaemon(Process process) {
        this.process = process;
    }

    /**
     * Starts one, which holds every VM back at a moment; returns when it answers.
     *
     * @param moment a {@link FakeVmm.Moment}, or "" for none
     */
    static KilledDaemon start(Path home, String moment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                KilledDaemon.class.getName(),
                moment);
        builder.environment().put("AEGIS_HOME", home.toString());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        BufferedReader out = process.inputReader();
        if (!"answers".equals(out.readLine())) {
            process.destroyForcibly();
            throw new IOException("the daemon did not start");
        }
        return new KilledDaemon(process);
    }

    long pid() {
        return process.pid();
    }

    /** What it says until it ends by itself, and its exit code. */
    String end() throws IOException {
        return String.join("\n", process.inputReader().lines().toList()) + " "
                + process.onExit().join().exitValue();
    }

    /** From now on it finds no memory whenever it asks how much the host has. */
    static void starve(Path home) throws IOException {
        Files.createFile(home.resolve("starve"));
    }

    private static OptionalLong memory(Path home) {
        List<byte[]> all = new ArrayList<>();
        while (Files.exists(home.resolve("starve"))) {
            all.add(new byte[1 << 20]);
        }
        return all.isEmpty() ? OptionalLong.empty() : OptionalLong.of(all.size());
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** The process. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> environment = System.getenv();
        FakeVmm vmm = FakeVmm.withProcesses();
        if (!arguments[0].isEmpty()) {
            vmm.holdBack(FakeVmm.Moment.valueOf(arguments[0]), new CompletableFuture<>());
        }
        Home home = Home.of(environment, PrivateDirectory.ourUid(), false);
        Daemon.open(
                home,
                Config.defaults(),
                vmm,
                new Daemon.Host(
                        new Admission(() -> memory(home.root()), OptionalLong.empty()),
                        DaemonHarness.JAIL,
                        new SmallWorld().world(home)));
        System.out.println("answers");
        Thread.currentThread().join();
    }
}
