package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code aegis run}: a command in a fresh VM, as a shell script sees it. */
@Tag("vm")
@Tag("kernel")
class RunTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    /** The first on a host may have to say why VMs are slow there. */
    @BeforeAll
    static void aFirstOne() {
        HOME.aegis("run", "--", "true").ok();
    }

    @Test
    void printsOneLineFromAKernelOfItsOwn() throws IOException {
        HomeFixture.Result result =
                HOME.aegis("run", "--", "sh", "-c", "echo hello; uname -r").ok();
        String host = Files.readString(Path.of("/proc/sys/kernel/osrelease")).trim();
        assertThat(result.stdout()).startsWith("hello\n").doesNotContain(host);
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void passesTheExitCodeOn() {
        assertThat(HOME.aegis("run", "--", "sh", "-c", "exit 42").exitCode()).isEqualTo(42);
    }

    @Test
    void aDeathBySignalIsASignalsExitCode() {
        assertThat(HOME.aegis("run", "--", "sh", "-c", "kill -TERM $$").exitCode())
                .isEqualTo(128 + 15);
    }

    @Test
    void aCommandThatIsNotThereIs127() {
        HomeFixture.Result result = HOME.aegis("run", "--", "no-such-command");
        assertThat(result.exitCode()).isEqualTo(127);
        assertThat(result.stderr()).contains("no-such-command");
        assertThat(HOME.aegis("run", "--", "x".repeat(300)).exitCode()).isEqualTo(127);
    }

    @Test
    void aCommandThatTakesAllMemoryIsKilledEachTime() {
        String hogs = "for i in 1 2 3 4; do tail /dev/zero; echo $?; done";
        HomeFixture.Result result = HOME.aegis("run", "--timeout", "2m", "--", "sh", "-c", hogs);
        assertThat(result.stdout()).as(result.stderr()).isEqualTo("137\n".repeat(4));
    }

    @Test
    void aCommandThatCannotBeExecutedIs126() {
        HomeFixture.Result result = HOME.aegis("run", "--", "/etc/os-release");
        assertThat(result.exitCode()).isEqualTo(126);
        assertThat(result.stderr()).contains("/etc/os-release");
    }

    @Test
    void pythonIsThere() {
        HomeFixture.Result result = HOME.aegis("run", "--", "python", "-c", "import os; print(os.getpid())");
        assertThat(Integer.parseInt(result.ok().stdout().trim())).isGreaterThan(1);
    }

    @Test
    void theGuestIsNobodyElses() {
        HomeFixture.Result first = HOME.aegis("run", "--", "cat", "/etc/machine-id", "/proc/sys/kernel/random/uuid");
        HomeFixture.Result second = HOME.aegis("run", "--", "cat", "/etc/machine-id", "/proc/sys/kernel/random/uuid");
        assertThat(first.ok().stdout().lines())
                .doesNotContainAnyElementsOf(second.ok().stdout().lines().toList());
    }

    @Test
    void theClockIsRightAfterARestore() {
        long before = System.currentTimeMillis() / 1000;
        long guest = Long.parseLong(
                HOME.aegis("run", "--", "date", "+%s").ok().stdout().trim());
        assertThat(guest).isBetween(before - 1, System.currentTimeMillis() / 1000 + 1);
    }

    @Test
    void outputArrivesByteForByteOnBothStreams() throws IOException {
        HomeFixture.Result result =
                HOME.aegis("run", "--", "sh", "-c", "head -c 100000000 /dev/urandom | tee /dev/stderr | sha256sum");
        String said = result.ok().stdout().substring(0, 64);
        assertThat(sha256(result.stderrFile())).isEqualTo(said);
        Files.delete(result.stderrFile());
    }

    @Test
    void bytesThatAreNoTextAreKept() throws IOException {
        HomeFixture.Result result =
                HOME.aegis("run", "--", "python3", "-c", "import os; os.write(1, bytes(range(256)) * 3)");
        byte[] all = new byte[768];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertThat(Files.readAllBytes(result.ok().stdoutFile())).isEqualTo(all);
    }

    @Test
    void aLineOfAHundredMegabytesPasses() throws IOException {
        HomeFixture.Result result = HOME.aegis("run", "--", "sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x");
        assertThat(Files.size(result.ok().stdoutFile())).isEqualTo(100_000_000);
        Files.delete(result.stdoutFile());
    }

    @Test
    void environmentIsPassedAndTenThousandEntriesAreNoTrouble() {
        List<String> arguments = new ArrayList<>(List.of("run"));
        for (int i = 0; i < 10_000; i++) {
            arguments.addAll(List.of("--env", "KEY_" + i + "=value " + i));
        }
        arguments.addAll(List.of("--", "sh", "-c", "env | grep -c ^KEY_; echo \"$KEY_9999\""));
        HomeFixture.Result result = HOME.aegis(arguments.toArray(String[]::new));
        assertThat(result.ok().stdout()).isEqualTo("10000\nvalue 9999\n");
    }

    @Test
    void memoryAndProcessorsAreAsAsked() {
        HomeFixture.Result result = HOME.aegis(
                "run", "--memory", "256", "--cpus", "2", "--", "sh", "-c", "nproc; grep MemTotal /proc/meminfo");
        assertThat(result.ok().stdout()).startsWith("2\n");
        long kib = Long.parseLong(result.stdout().replaceAll("(?s).*MemTotal: *(\\d+) kB.*", "$1"));
        assertThat(kib).isBetween(150_000L, 262_144L);
    }

    @Test
    void ctrlCEndsTheRunAndDeletesTheInstance() throws IOException {
        HomeFixture.Running run = HOME.start("run", "--", "sh", "-c", "echo started; sleep 600");
        await().until(() -> run.soFar().contains("started"));
        new ProcessBuilder("kill", "-INT", Long.toString(run.process().pid()))
                .start()
                .onExit()
                .join();
        assertThat(run.await().exitCode()).isEqualTo(130);
        assertNothingRuns();
    }

    @Test
    void aKilledClientTakesItsInstanceWithIt() {
        HomeFixture.Running run = HOME.start("run", "--", "sh", "-c", "echo started; sleep 600");
        await().until(() -> run.soFar().contains("started"));
        run.process().destroyForcibly();
        assertNothingRuns();
    }

    @Test
    void theHostsLoopbackIsOutOfReach() throws IOException {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> greetAll(server));
            String attempt = "import socket\n"
                    + "for host in ('10.0.2.2', '127.0.0.1', '10.0.2.3', '198.18.0.1'):\n"
                    + "    try:\n"
                    + "        with socket.create_connection((host, " + server.getLocalPort() + "), 5) as s:\n"
                    + "            print('reached' if s.recv(1) else 'refused', host)\n"
                    + "    except OSError:\n"
                    + "        print('refused', host)\n";
            assertThat(HOME.aegis("run", "--", "python3", "-c", attempt).ok().stdout())
                    .hasLineCount(4)
                    .doesNotContain("reached");
        }
    }

    private static void greetAll(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                client.getOutputStream().write('x');
            } catch (IOException closed) {
                return;
            }
        }
    }

    @Test
    void aVmKilledFromOutsideIsNoticedAtOnce() {
        HomeFixture.Running run = HOME.start("run", "--", "sh", "-c", "echo started; sleep 600");
        await().until(() -> run.soFar().contains("started"));
        HOME.vmPids().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        HomeFixture.Result result = run.await();
        assertThat(result.exitCode()).isEqualTo(125);
        assertThat(result.stderr()).isNotBlank();
    }

    @Test
    void badUsageIsToldInOneLine() {
        for (List<String> words : List.of(
                List.of("run"), List.of("run", "--"), List.of("run", "--nmae", "x", "--", "true"), List.of("rnu"))) {
            HomeFixture.Result result = HOME.aegis(words.toArray(String[]::new));
            assertThat(result.exitCode()).as("%s", words).isEqualTo(2);
            assertThat(result.stderr().lines().count())
                    .as("%s: %s", words, result.stderr())
                    .isBetween(1L, 2L);
        }
    }

    @Tag("slow")
    @Test
    void aGigabyteToASlowReaderArrivesAndCostsTheDaemonNoMemory() throws IOException {
        Path pipe = HOME.directory().resolve("slow-reader.sh");
        Files.writeString(pipe, "\"$0\" run -- head -c 1000000000 /dev/zero | { sleep 3; wc -c; }\n");
        HomeFixture.Running run = HOME.startShell(pipe);
        assertThat(run.await().ok().stdout().trim()).isEqualTo("1000000000");
        assertThat(HOME.daemonPeakMemoryKib()).isLessThan(200 * 1024);
    }

    /** The last MiB of the disk can be written, the one after it cannot, although the device's file is larger. */
    @Test
    void rootReachesNoMoreOfTheDeviceThanItsDisk() {
        String write = "dd if=/dev/zero of=/dev/vdb bs=1M count=1 conv=fsync seek=";
        HomeFixture.Result result =
                HOME.aegis("run", "--", "sh", "-c", write + "8191 && echo inside; " + write + "8192 || echo refused");
        assertThat(result.stdout()).isEqualTo("inside\nrefused\n");
    }

    private static void assertNothingRuns() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(HOME.vmPids()).isEmpty());
        assertThat(HOME.aegis("instance", "list", "--json").ok().stdout().trim())
                .isEqualTo("[]");
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
