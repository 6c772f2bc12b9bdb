package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.TestHome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Faults in a guest or around it, and what the user is told. */
@Tag("vm")
@Tag("check-all")
class FaultsTest {
    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private void awaitLog(String text) {
        await().untilAsserted(() ->
                assertThat(home.aegis("logs", "box").ok().stdout()).contains(text));
    }

    @Test
    void aKernelPanicShowsItsReason() {
        HomeFixture.Result run = home.aegis("run", "--", "sh", "-c", "echo c > /proc/sysrq-trigger; sleep 600");
        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.stderr()).contains("the guest's kernel panicked: sysrq triggered crash");
        home.startBox();
        HomeFixture.Result exec =
                home.aegis("exec", "box", "--", "sh", "-c", "echo c > /proc/sysrq-trigger; sleep 600");
        assertThat(exec.exitCode()).isEqualTo(125);
        awaitLog("the VM ended: the guest's kernel panicked: sysrq triggered crash");
        await().untilAsserted(() -> assertThat(
                        home.aegis("instance", "info", "box").ok().stdout())
                .contains("stopped", "sysrq triggered crash"));
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(home.aegis("exec", "box", "--", "echo", "back").ok().stdout())
                .isEqualTo("back\n");
    }

    @Test
    void aProcessThatTheGuestKillsForItsMemoryIsExplained() {
        String greedy = "a = [b'x' * (1 << 24) for _ in iter(int, 1)]";
        HomeFixture.Result run = home.aegis("run", "--", "python3", "-c", greedy);
        assertThat(run.exitCode()).isEqualTo(137);
        assertThat(run.stderr()).contains("the guest ran out of memory (512 MB)");
        home.startBox();
        HomeFixture.Result exec = home.aegis("exec", "box", "--", "python3", "-c", greedy);
        assertThat(exec.exitCode()).isEqualTo(137);
        assertThat(exec.stderr()).contains("the guest ran out of memory");
        assertThat(home.aegis("exec", "box", "--", "echo", "alive").ok().stdout())
                .isEqualTo("alive\n");
    }

    @Test
    void aFullDiskInTheGuestIsItsOwnAffair() {
        HomeFixture.Result run = home.aegis(
                "run", "--disk", "64M", "--", "sh", "-c", "dd if=/dev/zero of=/big bs=1M; echo left; df / >&2");
        assertThat(run.ok().stdout()).isEqualTo("left\n");
        assertThat(run.stderr()).contains("No space left on device");
    }

    @Test
    void outputThatIsNoTextIsExactForTheReaderAndReadableInTheLog() throws IOException {
        home.startBox();
        HomeFixture.Result exec = home.aegis("exec", "box", "--", "printf", "caf\\351 \\303\\251\\n");
        assertThat(Files.readAllBytes(exec.ok().stdoutFile()))
                .isEqualTo(new byte[] {'c', 'a', 'f', (byte) 0xe9, ' ', (byte) 0xc3, (byte) 0xa9, '\n'});
        awaitLog("caf\ufffd \u00e9");
    }

    @Test
    void aNetworkProcessThatIsKilledIsReplaced() {
        home.startBox("--network", "open");
        long first = home.pids("passt").getFirst();
        ProcessHandle.of(first).orElseThrow().destroyForcibly();
        awaitLog("the network's process (passt) ended and was restarted");
        assertThat(home.pids("passt")).hasSize(1).doesNotContain(first);
        // The new server answers at an address that nobody has used yet.
        String ask = """
                import socket, time
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                while '10.0.2.99' not in [l.split()[0] for l in open('/proc/net/arp') if ' 0x2 ' in l]:
                    s.sendto(b'hello', ('10.0.2.99', 9)); time.sleep(0.2)
                print('answered')
                """;
        assertThat(home.aegis("exec", "--timeout", "60s", "box", "--", "python3", "-c", ask)
                        .ok()
                        .stdout())
                .isEqualTo("answered\n");
    }

    /** The harness would power off, as the channel closes. It is stopped here by root in the guest, who traces it. */
    @Test
    void aGuestWhoseHarnessStandsStillEndsWithADaemonThatIsKilled(@TempDir Path workspace) throws IOException {
        home.startBox("--workspace", workspace.toRealPath().toString());
        HomeFixture.Running attack = home.start("exec", "box", "--", "python3", "-c", """
                import ctypes, os, time
                PTRACE_ATTACH, WALL = 16, 0x40000000
                if ctypes.CDLL(None).ptrace(PTRACE_ATTACH, 1, 0, 0) == 0:
                    os.waitpid(1, WALL)
                    open('/workspace/stopped', 'w').close()
                    time.sleep(600)
                """);
        await().until(() -> Files.exists(workspace.resolve("stopped")));
        home.killDaemon();
        attack.await();
        await().until(() -> home.vmPids().isEmpty());
        home.aegis("up").ok();
    }

    /** Only root sees what a passt has open; for an ordinary user it is what the daemon gave it at its start. */
    @Test
    void whatAVmAndItsHelpersPrintGoesToNoFile() throws IOException {
        Path programs = Files.createDirectory(home.directory().resolve("programs"));
        Path given = home.directory().resolve("given");
        Path passt = programs.resolve("passt");
        Files.writeString(
                passt,
                "#!/bin/sh\noutputs=$(readlink /proc/$$/fd/1 /proc/$$/fd/2)\necho \"$outputs\" >" + given
                        + "\nexec /usr/bin/passt \"$@\"\n");
        assertThat(passt.toFile().setExecutable(true)).isTrue();
        home.with("PATH", programs + ":" + TestHome.PATH);
        home.startBox("--network", "open");
        List<String> targets = new ArrayList<>(Files.readAllLines(given));
        List<Long> pids = new ArrayList<>(home.vmPids());
        if (HostUser.ourselves().uid() == 0) {
            pids.addAll(home.pids("passt"));
        }
        for (long pid : pids) {
            for (String output : List.of("1", "2")) {
                targets.add(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "fd", output))
                        .toString());
            }
        }
        assertThat(targets)
                .hasSize(2 + 2 * pids.size())
                .hasSizeGreaterThan(2)
                .allMatch(target -> target.matches("pipe:.*|/dev/null"));
    }

    @Test
    void aQemuThatIsMissingOrTooOldIsSaidWithTheNextStep() throws IOException {
        Path programs = Files.createDirectory(home.directory().resolve("programs"));
        for (Path directory : List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"))) {
            try (var all = Files.list(directory)) {
                for (Path program : all.toList()) {
                    Path link = programs.resolve(program.getFileName());
                    Files.deleteIfExists(link);
                    Files.createSymbolicLink(link, program);
                }
            }
        }
        Path qemu = programs.resolve("qemu-system-x86_64");
        Files.delete(qemu);
        home.with("PATH", programs.toString());
        HomeFixture.Result missing = home.aegis("run", "--", "true");
        assertThat(missing.exitCode()).isEqualTo(125);
        assertThat(missing.stderr()).contains("cannot run QEMU", "qemu-system-x86");
        home.aegis("down").ok();
        Files.writeString(qemu, "#!/bin/sh\necho 'QEMU emulator version 9.1.2 (Debian)'\n");
        assertThat(qemu.toFile().setExecutable(true)).isTrue();
        HomeFixture.Result old = home.aegis("run", "--", "true");
        assertThat(old.exitCode()).isEqualTo(125);
        assertThat(old.stderr()).contains("QEMU 9.1 is too old: 9.2 or newer is needed", "Upgrade qemu-system-x86");
    }

    /** While the files have the right length, only a restore shows that they belong to another machine. */
    @Tag("slow")
    @Test
    void templatesOfAnotherMachineAreNoticedAndReplaced() throws IOException, InterruptedException {
        Path cache = home.directory().resolve("cache");
        home.with("AEGIS_CACHE", cache.toString());
        for (String damaged : List.of("mounted/machine", "mounted/layout", "mounted/memory")) {
            Files.createDirectories(cache);
            copyOfTheCache(cache);
            damage(cache, damaged);
            assertThat(home.aegis("run", "--", "echo", damaged).ok().stdout()).isEqualTo(damaged + "\n");
            assertThat(Files.readString(home.directory().resolve("data/aegisd.log")))
                    .contains("template: deleting ", "booting its kernel");
            home.aegis("down").ok();
            Files.delete(home.directory().resolve("data/aegisd.log"));
        }
    }

    private static void copyOfTheCache(Path cache) throws IOException, InterruptedException {
        String script = "cd \"$0\" && rm -rf \"$1/templates\" && cp guest.properties \"$1\""
                + " && cp -r --sparse=always templates \"$1\"";
        Process copy = new ProcessBuilder(
                        "sh", "-c", script, HomeFixture.cache().toString(), cache.toString())
                .inheritIO()
                .start();
        assertThat(copy.waitFor()).isZero();
    }

    private static void damage(Path cache, String name) throws IOException {
        try (var files = Files.walk(cache.resolve("templates"))) {
            for (Path file : files.filter(path -> path.endsWith(name)).toList()) {
                assertThat(file.toFile().setWritable(true)).isTrue();
                long size = Files.size(file);
                try (var writer = new java.io.RandomAccessFile(file.toFile(), "rw")) {
                    writer.setLength(0);
                    writer.setLength(size);
                }
            }
        }
    }
}
