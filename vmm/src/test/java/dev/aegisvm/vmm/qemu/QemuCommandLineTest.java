package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.start.Accelerator;
import dev.aegisvm.vmm.start.Launch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command lines, argument by argument, against files that a reviewer reads. */
class QemuCommandLineTest {
    private static final GuestImage IMAGE =
            new GuestImage(Path.of("/c/vmlinux"), Path.of("/c/initramfs.cpio"), Path.of("/c/base.erofs"));

    private static final Accelerator TCG = new Accelerator("tcg", 0);

    private static final long GIBIBYTE = 1L << 30;

    @Test
    void coldBoot() throws IOException {
        assertGolden("cold-tcg.txt", line(TCG, Optional.of(Path.of("/r/passt.sock")), boot()));
    }

    @Test
    void coldBootWithKvm() throws IOException {
        assertGolden("cold-kvm.txt", line(new Accelerator("kvm", 0), Optional.of(Path.of("/r/passt.sock")), boot()));
    }

    /** What only x86 has would end QEMU, or be an unknown word to the kernel. */
    @Test
    void onArm64NothingIsOfX86() {
        QemuCommandLine line = line(new Accelerator("tcg", 2_000_000), Optional.empty(), boot());
        assertThat(line.arguments(Processor.AARCH64))
                .containsSubsequence("-M", "virt,gic-version=max,memory-backend=mem", "-cpu", "max,pauth-impdef=on")
                .noneMatch(argument -> Pattern.matches(".*(-bios|microvm|pit=|erms=|tsc).*", argument));
        assertThat(line.arguments(Processor.X86_64))
                .contains("-bios")
                .anyMatch(argument -> argument.contains("tsc_early_khz="));
    }

    @Test
    void restore() throws IOException {
        var start = new QemuCommandLine.Start.Restore(Path.of("/t/mounted/memory"), Path.of("/t/mounted/state"));
        assertGolden("restore-tcg.txt", line(TCG, Optional.of(Path.of("/r/passt.sock")), start));
    }

    @Test
    void resumed() throws IOException {
        QemuCommandLine line = new QemuCommandLine(
                IMAGE,
                new VmShape(512, 1),
                TCG,
                List.of(Path.of("/d/disk.raw"), Path.of("/d/disk.raw.1"), Path.of("/d/disk.raw.2")),
                GIBIBYTE,
                Path.of("/r"),
                Optional.empty(),
                List.of(),
                new QemuCommandLine.Start.Resume(Path.of("/s/machine"), 2 << 20));
        assertGolden("resumed-tcg.txt", line);
    }

    @Test
    void bootToSave() throws IOException {
        var start = new QemuCommandLine.Start.BootToSave(Path.of("/r/making.ram"));
        assertGolden("template-tcg.txt", line(TCG, Optional.empty(), start));
    }

    @Test
    void whatMeansSomethingToQemuIsEscapedInPaths() {
        QemuCommandLine line = new QemuCommandLine(
                IMAGE,
                new VmShape(512, 1),
                TCG,
                List.of(Path.of("/a,\"b")),
                GIBIBYTE,
                Path.of("/r,s"),
                Optional.empty(),
                List.of(),
                boot());
        assertThat(line.arguments())
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
        VmSpec spec = new VmSpec(
                "template",
                new VmShape(512, vcpus),
                Optional.empty(),
                run.resolve("disk"),
                InstanceDisk.MAX_SIZE_MB,
                run,
                false,
                List.of(),
                Optional.empty(),
                _ -> {});
        Jail jail = new Jail(run, new Jail.Rules(Uids.none(), Cgroup.none("in a test"), false), List.of());
        return new QemuMachines(jail, run, new Passt(run, OptionalInt.empty()))
                .key(new Launch(spec, image, accelerator, new Launch.Stopwatch()));
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
        return new QemuCommandLine(
                        IMAGE,
                        new VmShape(512, 1),
                        TCG,
                        List.of(run.resolve("disk.raw")),
                        GIBIBYTE,
                        run,
                        Optional.empty(),
                        shares,
                        boot())
                .cell()
                .fileBytes();
    }

    private static QemuCommandLine.Start boot() {
        return new QemuCommandLine.Start.Boot();
    }

    private static QemuCommandLine line(Accelerator accelerator, Optional<Path> network, QemuCommandLine.Start start) {
        boolean template = start instanceof QemuCommandLine.Start.BootToSave;
        long disk = template ? InstanceDisk.DEVICE_BYTES : GIBIBYTE;
        return new QemuCommandLine(
                IMAGE,
                new VmShape(512, 1),
                accelerator,
                List.of(Path.of("/d/disk.raw")),
                disk,
                Path.of("/r"),
                network,
                List.of(),
                start);
    }

    private static void assertGolden(String name, QemuCommandLine line) throws IOException {
        Path golden = Path.of("src/test/resources/golden", name);
        String actual = String.join("\n", line.arguments()) + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, actual);
        }
        assertThat(actual).isEqualTo(Files.readString(golden));
    }
}
