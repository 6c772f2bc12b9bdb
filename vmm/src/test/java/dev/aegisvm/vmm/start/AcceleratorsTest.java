package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.VmmException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs guests, and for how long that is known. */
class AcceleratorsTest {
    private static final String NEWS = "VMs are emulated";

    /** A hypervisor that is there, and starts nothing. */
    private static final Machines MACHINES = (Machines) Proxy.newProxyInstance(
            Machines.class.getClassLoader(),
            new Class<?>[] {Machines.class},
            (_, method, _) -> switch (method.getName()) {
                case "version" -> "1";
                case "require" -> null;
                default -> throw new UnsupportedOperationException(method.getName());
            });

    @TempDir
    Path root;

    private final List<String> trials = new ArrayList<>();

    @BeforeEach
    void aHostWithKvm() throws IOException {
        file("dev/kvm", "");
        file("kernel", "a kernel");
        processor("fpu svm sse");
        Path meter = file("tsc-khz", "#!/bin/sh\necho 2000000\n");
        Files.setPosixFilePermissions(meter, PosixFilePermissions.fromString("rwx------"));
    }

    private Path file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        return Files.writeString(root.resolve(path), content);
    }

    private void processor(String flags) throws IOException {
        file("proc/cpuinfo", "model name\t: A\nflags\t\t: " + flags + "\nvmx flags\t: vnmi\n");
    }

    /** Those of a daemon with this setting and this kernel. */
    private Accelerators daemon(Optional<String> setting, String kernel) {
        StartSettings settings = new StartSettings(
                new GuestImage(root.resolve(kernel), root, root),
                root,
                root.resolve("verdicts"),
                root,
                root,
                1,
                setting,
                root.resolve("tsc-khz"),
                1,
                0,
                shape -> false,
                line -> {});
        return new Accelerators(settings, MACHINES, new Kvm(root));
    }

    private Accelerators daemon() {
        return daemon(Optional.empty(), "kernel");
    }

    private String choose(Accelerators accelerators) throws VmmException {
        return accelerators.choose(kvm -> trials.add(kvm.name())).name();
    }

    private static void standsStill(Accelerator kvm) throws VmmException {
        throw new FirstBoot.NotBooted("it stood still", new IOException());
    }

    @Test
    void aGuestThatComesUpShowsThatKvmWorks() throws VmmException {
        Accelerators accelerators = daemon();
        assertThat(choose(accelerators)).isEqualTo("kvm");
        assertThat(choose(accelerators)).isEqualTo("kvm");
        assertThat(trials).containsExactly("kvm");
        assertThat(accelerators.toTell()).isEmpty();
    }

    @Test
    void aProcessorWithoutVirtualizationIsEmulatedAtOnce() throws Exception {
        processor("fpu sse svm_lock");
        Accelerators accelerators = daemon();
        assertThat(choose(accelerators)).isEqualTo("tcg");
        assertThat(trials).isEmpty();
        assertThat(accelerators.toTell().orElseThrow())
                .contains(NEWS, "does not support virtualization", "neither vmx nor svm", "`aegis doctor --kvm`")
                .doesNotContain("delete");
        assertThat(accelerators.toTell()).isEmpty();
        assertThat(daemon().toTell()).isEmpty();
    }

    @Test
    void theSettingDecidesWithoutATrial() throws Exception {
        processor("fpu sse");
        Accelerators accelerators = daemon(Optional.of("kvm"), "kernel");
        assertThat(choose(accelerators)).isEqualTo("kvm");
        assertThat(trials).isEmpty();
        assertThat(accelerators.toTell()).isEmpty();
        assertThat(choose(daemon())).isEqualTo("tcg");
    }

    @Test
    void aGuestThatStandsStillIsEmulatedFromThenOn() throws Exception {
        Accelerators accelerators = daemon();
        assertThat(accelerators.choose(AcceleratorsTest::standsStill).emulated())
                .isTrue();
        assertThat(accelerators.toTell().orElseThrow()).contains(NEWS, "it stood still");
        assertThat(choose(accelerators)).isEqualTo("tcg");
        assertThat(choose(daemon())).isEqualTo("tcg");
    }

    /** Such as a full disk. */
    @Test
    void whatFailsForAnotherReasonIsNoVerdict() throws Exception {
        Accelerators accelerators = daemon();
        assertThatThrownBy(() -> accelerators.choose(kvm -> {
                    throw new VmmException("no space", "free some");
                }))
                .hasMessage("no space");
        assertThat(choose(accelerators)).isEqualTo("kvm");
    }

    @Test
    void aVerdictHoldsForTheContentOfAKernelWhereverItIs() throws Exception {
        choose(daemon());
        file("another/place", "a kernel");
        assertThat(choose(daemon(Optional.empty(), "another/place"))).isEqualTo("kvm");
        assertThat(trials).hasSize(1);
        file("kernel", "A kernel");
        choose(daemon());
        assertThat(trials).hasSize(2);
        // And that of the other is still known.
        choose(daemon(Optional.empty(), "another/place"));
        assertThat(trials).hasSize(2);
    }

    private Path verdict() throws IOException {
        try (Stream<Path> kept = Files.list(root.resolve("verdicts"))) {
            return kept.collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst));
        }
    }

    @Test
    void anotherBootOfTheHostTriesAgain() throws Exception {
        choose(daemon());
        String today = new Machine().bootId().orElseThrow();
        Files.writeString(verdict(), Files.readString(verdict()).replace(today, "yesterday's"));
        choose(daemon());
        assertThat(trials).hasSize(2);
    }

    @Test
    void oneThatAnotherProcessForgetsIsFoundAgainByARunningDaemon() throws Exception {
        Accelerators running = daemon();
        choose(running);
        Accelerators doctor = daemon();
        doctor.forget();
        doctor.choose(AcceleratorsTest::standsStill);
        assertThat(choose(running)).isEqualTo("tcg");
        assertThat(trials).hasSize(1);
    }

    @Test
    void onlyThisUserCanHaveWrittenIt() throws Exception {
        choose(daemon());
        assertThat(Files.getPosixFilePermissions(root.resolve("verdicts")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        if (PrivateDirectory.ourUid() == 0) {
            Files.setAttribute(verdict(), "unix:uid", 12_345);
            choose(daemon());
            assertThat(trials).hasSize(2);
        }
    }

    @Test
    void aVerdictThatCannotBeKeptHoldsForTheDaemon() throws Exception {
        file("verdicts", "no directory");
        Accelerators accelerators = daemon();
        choose(accelerators);
        assertThat(choose(accelerators)).isEqualTo("kvm");
        assertThat(trials).hasSize(1);
    }
}
