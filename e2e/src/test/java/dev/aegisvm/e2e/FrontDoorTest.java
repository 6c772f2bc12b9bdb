package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;

/** {@code ./aegis} in a checkout: what it gets ready for which command, and what it says where it cannot. */
@Timeout(60)
class FrontDoorTest {
    @TempDir
    Path checkout;

    @BeforeEach
    void makeCheckout() throws IOException {
        program("aegis", Files.readString(Path.of("../aegis")));
        program("scripts/check-host", Files.readString(Path.of("../scripts/check-host")));
        program("scripts/host.sh", Files.readString(Path.of("../scripts/host.sh")));
        program("scripts/version", "#!/bin/sh\necho 1.2.3\n");
        program("scripts/first-use", "#!/bin/sh\necho first use \"$@\"\nmkdir -p bin && cp ran bin/aegis\n");
        program("ran", "#!/bin/sh\necho ran \"$@\"\n");
    }

    private void program(String name, String text) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Calls a program of the checkout; with the programs in {@code fakes} before those of the host. */
    private Map.Entry<Integer, String> call(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(checkout.toFile()).redirectErrorStream(true);
        builder.environment().compute("PATH", (_, path) -> checkout.resolve("fakes") + ":" + path);
        // Where `make check` runs this test, what it says to a make below it is not for the one called here.
        builder.environment().keySet().removeAll(List.of("MAKEFLAGS", "MFLAGS", "MAKELEVEL"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Map.entry(process.waitFor(), said);
    }

    /** Calls {@code ./aegis run} as a user who may only read the checkout. */
    private Map.Entry<Integer, String> callOfAnother() throws Exception {
        Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("r-xr-xr-x"));
        List<String> command = new ArrayList<>();
        if (HostUser.ourselves().uid() == 0) {
            command.addAll(List.of("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"));
        }
        command.addAll(List.of("./aegis", "run"));
        try {
            return call(command.toArray(String[]::new));
        } finally {
            Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "help", "run --help", "run -h", "exec --help -- ls"})
    void helpWhereNothingIsBuiltTellsWhatTheFirstCommandDoes(String words) throws Exception {
        Map.Entry<Integer, String> result = call(("./aegis " + words).split(" "));
        assertThat(result.getKey()).isZero();
        assertThat(result.getValue())
                .contains("./aegis run -- echo \"hello from aegisvm\"", "minutes", "MB")
                .doesNotContain("first use");
    }

    @Test
    void theVersionIsToldWhereNothingIsBuilt() throws Exception {
        assertThat(call("./aegis", "version")).isEqualTo(Map.entry(0, "aegis 1.2.3 (not built yet)\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "status, --programs",
        "down, --programs",
        "doctor, --programs",
        "ps -a, --programs",
        "run -- ls --help, ''"
    })
    void theFirstCommandGetsReadyWhatItNeeds(String words, String programsAlone) throws Exception {
        assertThat(call(("./aegis " + words).split(" ")))
                .isEqualTo(Map.entry(0, ("first use " + programsAlone).strip() + "\nran " + words + "\n"));
    }

    /** Sources that are newer than the programs, and no guest: these commands need neither. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "run --help",
                "version",
                "completion bash",
                "status",
                "down",
                "doctor",
                "ps -a",
                "__complete r"
            })
    void aCommandThatNeedsNoGuestRunsTheProgramsThatAreThere(String words) throws Exception {
        call("./scripts/first-use");
        assertThat(call(("./aegis " + words).split(" "))).isEqualTo(Map.entry(0, "ran " + words + "\n"));
    }

    @ParameterizedTest
    @CsvSource({"Darwin, arm64, macOS", "Linux, aarch64, Linux on aarch64", "FreeBSD, amd64, FreeBSD"})
    void anotherSystemIsNamedAndWhatThereIsInstead(String system, String machine, String named) throws Exception {
        program("fakes/uname", "#!/bin/sh\ncase $1 in -s) echo " + system + " ;; -m) echo " + machine + " ;; esac\n");
        Map.Entry<Integer, String> result = call("./aegis", "--help");
        assertThat(result.getKey()).isEqualTo(125);
        assertThat(result.getValue())
                .startsWith("aegis: AegisVM can be built only on Linux on x86-64, but this is " + named)
                .containsAnyOf("use a virtual machine with Linux", "use a host with an x86-64 processor");
    }

    @ParameterizedTest
    @CsvSource({
        "fedora, 43, Fedora Linux 43, 1",
        "debian, 12, Debian GNU/Linux 12 (bookworm), 1",
        "ubuntu, 26.04, Ubuntu 26.04 LTS, 1",
        "debian, 13, Debian GNU/Linux 13 (trixie), 0",
        "debian, '', Debian GNU/Linux forky/sid, 0"
    })
    void withoutARootACheckoutNeedsDebian13(String id, String version, String name, int status) throws Exception {
        Files.createDirectories(checkout.resolve("root/etc"));
        Files.writeString(
                checkout.resolve("root/etc/os-release"),
                "ID=" + id + "\nPRETTY_NAME=\"" + name + "\"\n"
                        + (version.isEmpty() ? "" : "VERSION_ID=\"" + version + "\"\n"));
        assertThat(call("scripts/check-host", "root")).isEqualTo(Map.entry(0, ""));
        Map.Entry<Integer, String> result = call("env", "AEGIS_ROOT=no", "scripts/check-host", "root");
        assertThat(result.getKey()).isEqualTo(status);
        assertThat(result.getValue()).contains(status == 0 ? "" : name + ": unset AEGIS_ROOT");
    }

    /** Also where something is built, as a checkout may lie in a directory that several hosts share. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void elsewhereWithoutARootNoCommandRuns(boolean built) throws Exception {
        Path release = Files.writeString(checkout.resolve("release"), "ID=fedora\nPRETTY_NAME='Fedora Linux 43'\n");
        for (String script : List.of("host.sh", "check-host", "in-debian13", "progress.sh")) {
            String text = Files.readString(Path.of("../scripts").resolve(script));
            program("scripts/" + script, text.replace("/etc/os-release", release.toString()));
        }
        if (built) {
            call("./scripts/first-use");
        }
        Map.Entry<Integer, String> result = call("env", "AEGIS_ROOT=no", "./aegis", "run", "--", "ls");
        assertThat(result.getKey()).isEqualTo(125);
        assertThat(result.getValue())
                .startsWith(
                        "aegis: AegisVM can be built only on Debian 13 or newer where AEGIS_ROOT is no, but this is "
                                + "Fedora Linux 43: unset AEGIS_ROOT");
    }

    /** What the host is, nothing but a file says. */
    private void anotherLinux() throws IOException {
        program("scripts/host.sh", "is_debian_13() { return 1; }\n");
        program("scripts/in-debian13", "#!/bin/sh\necho in Debian 13: \"$@\"\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run -- ls", "status", "completion bash"})
    void elsewhereACommandRunsInDebian13(String words) throws Exception {
        anotherLinux();
        Map.Entry<Integer, String> there = Map.entry(0, "in Debian 13: ./aegis " + words + "\n");
        assertThat(call(("./aegis " + words).split(" "))).isEqualTo(there);
        call("./scripts/first-use");
        assertThat(call(("./aegis " + words).split(" "))).isEqualTo(there);
    }

    @Test
    void elsewhereHelpTellsOfTheRootAndMakesNone() throws Exception {
        assertThat(call("./aegis", "--help").getValue()).doesNotContain("a Debian 13 root file system");
        anotherLinux();
        assertThat(call("./aegis", "--help").getValue())
                .contains("creates a Debian 13 root file system")
                .doesNotContain("in Debian 13:");
    }

    @Test
    void elsewhereARecipeRunsInDebian13() throws Exception {
        program("Makefile", Files.readString(Path.of("../Makefile")));
        program("scripts/setup", "#!/bin/sh\necho set up\n");
        assertThat(call("make", "setup")).isEqualTo(Map.entry(0, "set up\n"));
        anotherLinux();
        assertThat(call("make", "setup").getValue())
                .startsWith("in Debian 13: /bin/sh")
                .endsWith("scripts/setup\n");
        assertThat(call("make", "help").getValue()).startsWith("make setup");
        assertThat(call("make", "install").getValue()).contains("needs Debian 13");
    }

    @Test
    void oneInWhichNothingIsBuiltSaysWhatToDo() throws Exception {
        Map.Entry<Integer, String> result = callOfAnother();
        assertThat(result.getKey()).isEqualTo(125);
        assertThat(result.getValue())
                .startsWith("aegis: nothing is built in this checkout, and you cannot write to " + checkout + ":")
                .contains("make all", "clone it");
    }

    @Test
    void oneThatIsBuiltNeedsTheGuestOnly() throws Exception {
        call("./scripts/first-use");
        program("scripts/prepare-guest", "#!/bin/sh\necho prepared\n");
        assertThat(callOfAnother()).isEqualTo(Map.entry(0, "prepared\nran run\n"));
        program("scripts/prepare-guest", "#!/bin/sh\necho no place >&2\nexit 1\n");
        assertThat(callOfAnother()).isEqualTo(Map.entry(125, "no place\n"));
    }
}
