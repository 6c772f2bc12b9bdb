package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmSpec.Share;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.start.Accelerator;
import dev.aegisvm.vmm.start.Machines.Launch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command lines, argument by argument, against files that a reviewer reads. */
class QemuCommandLineTest {
    private static final GuestImage IMAGE =
            new GuestImage(Path.of("/c/vmlinux"), Path.of("/c/initramfs.cpio"), Path.of("/c/base.erofs"));

    private static final Accelerator TCG = new Accelerator("tcg", 0);

    private static final Path DISK = Path.of("/d/disk.raw");
    private static final long GIBIBYTE = 1L << 30;

    @Test
    void coldBoot() throws IOException {
        assertGolden("cold-tcg.txt", line(TCG, true, boot()));
    }

    @Test
    void coldBootWithKvm() throws IOException {
        assertGolden("cold-kvm.txt", line(new Accelerator("kvm", 0), true, boot()));
    }

    /** What only x86 has would end QEMU, or be an unknown word to the kernel. */
    @Test
    void onArm64NothingIsOfX86() {
        QemuCommandLine line = line(new Accelerator("tcg", 2_000_000), false, boot());
        assertThat(line.arguments(Processor.AARCH64))
                .containsSubsequence("-M", "virt,gic-version=max,memory-backend=mem", "-cpu", "max,pauth-impdef=on")
                .noneMatch(argument -> Pattern.matches(".*(-bios|microvm|pit=|erms=|tsc).*", argument));
        assertThat(line.arguments(Processor.X86_64))
                .contains("-bios")
                .anyMatch(argument -> argument.contains("tsc_early_khz="));
    }

    @Test
    void restore() throws IOException {
        var start = new QemuCommandLine.Start.Load(Path.of("/t/mounted/memory"), 0, Path.of("/t/mounted/machine"));
        assertGolden("restore-tcg.txt", line(TCG, true, start));
    }

    @Test
    void resumed() throws IOException {
        QemuCommandLine line = new QemuCommandLine(
                launch(TCG, spec(Path.of("/r"), false, List.of())),
                List.of(Path.of("/d/disk.raw"), Path.of("/d/disk.raw.1"), Path.of("/d/disk.raw.2")),
                new QemuCommandLine.Start.Load(Path.of("/s/machine"), 2 << 20, Path.of("/s/machine")));
        assertGolden("resumed-tcg.txt", line);
    }

    @Test
    void bootToSave() throws IOException {
        var start = new QemuCommandLine.Start.BootToSave();
        assertGolden("template-tcg.txt", line(TCG, false, start));
    }

    @Test
    void whatMeansSomethingToQemuIsEscapedInPaths() {
        QemuCommandLine line = new QemuCommandLine(
                launch(TCG, spec(Path.of("/r,s"), false, List.of())), List.of(Path.of("/a,\"b")), boot());
        assertThat(line.arguments(Processor.ours()))
                .anyMatch(argument -> argument.contains("\"filename\":\"/a,\\\"b\""))
                .anyMatch(argument -> argument.endsWith("path=/r,,s/console.sock"))
                .anyMatch(argument -> argument.endsWith("path=/proc/self/fd/9,readonly=on"));
    }

    @Test
    void theKeyOfATemplateDependsOnEveryInput() {
        String key = key(IMAGE, TCG, 1);
        assertThat(key).isEqualTo(key(IMAGE, TCG, 1)).contains(QemuBinary.fingerprint());
        assertThat(key).isNotEqualTo(key(IMAGE, new Accelerator("kvm", 0), 1));
        assertThat(key).isNotEqualTo(key(IMAGE, TCG, 2));
        assertThat(key).isNotEqualTo(key(IMAGE.withRoot(Path.of("/c/images/root.erofs")), TCG, 1));
    }

    private static String key(GuestImage image, Accelerator accelerator, int vcpus) {
        Path run = Path.of("/key");
        VmSpec spec =
                VmSpec.ofNone("template", new VmShape(512, vcpus), run.resolve("disk"), DiskChain.MAX_SIZE_MB, run);
        Jail jail = new Jail(run, new Jail.Rules(new Uids(1, 0), Cgroup.none("in a test"), false), List.of());
        return new QemuMachines(jail, run).key(new Launch(spec, image, accelerator));
    }

    @Test
    void whatAVmWritesHasALimitUnlessItWritesToADirectoryOfTheHost(@TempDir Path directory) throws IOException {
        Path run = directory.toRealPath();
        Files.createDirectory(run.resolve("nothing"));
        assertThat(fileBytes(run, List.of())).isEqualTo(2 * GIBIBYTE);
        assertThat(fileBytes(run, List.of(new Share(run, true)))).isEqualTo(2 * GIBIBYTE);
        assertThat(fileBytes(run, List.of(new Share(run, true), new Share(run, false))))
                .isEqualTo(Long.MAX_VALUE);
    }

    private static long fileBytes(Path run, List<Share> shares) throws IOException {
        return new QemuCommandLine(launch(TCG, spec(run, false, shares)), List.of(run.resolve("disk.raw")), boot())
                .cell()
                .fileBytes();
    }

    private static QemuCommandLine.Start boot() {
        return new QemuCommandLine.Start.Boot();
    }

    private static QemuCommandLine line(Accelerator accelerator, boolean network, QemuCommandLine.Start start) {
        boolean template = start instanceof QemuCommandLine.Start.BootToSave;
        VmSpec spec = template
                ? VmSpec.ofNone("template", new VmShape(512, 1), DISK, DiskChain.MAX_SIZE_MB, Path.of("/r"))
                : spec(Path.of("/r"), network, List.of());
        return new QemuCommandLine(launch(accelerator, spec), List.of(DISK), start);
    }

    private static Launch launch(Accelerator accelerator, VmSpec spec) {
        return new Launch(spec, IMAGE, accelerator);
    }

    private static VmSpec spec(Path run, boolean network, List<Share> shares) {
        return new VmSpec(
                "vm",
                new VmShape(512, 1),
                Optional.empty(),
                DISK,
                1024,
                run,
                network,
                shares,
                Optional.empty(),
                _ -> {},
                _ -> {});
    }

    private static void assertGolden(String name, QemuCommandLine line) throws IOException {
        Path golden = Path.of("src/test/resources/golden", name);
        String actual = String.join("\n", line.arguments(Processor.ours())) + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, actual);
        }
        assertThat(actual).isEqualTo(Files.readString(golden));
    }
}
