package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.Processor;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command lines, argument by argument, against files that a reviewer reads. */
class QemuCommandLineTest {
    private static final GuestImage IMAGE =
            new GuestImage(Path.of("/c/vmlinux"), Path.of("/c/initramfs.cpio"), Path.of("/c/base.erofs"));

    private static final long GIBIBYTE = 1L << 30;

    @Test
    void coldBoot() throws IOException {
        assertGolden("cold-tcg.txt", line(Accelerator.TCG, Optional.of(Path.of("/r/passt.sock")), boot()));
    }

    @Test
    void coldBootWithKvm() throws IOException {
        assertGolden("cold-kvm.txt", line(Accelerator.KVM, Optional.of(Path.of("/r/passt.sock")), boot()));
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
        var start = new QemuCommandLine.Start.Restore(Path.of("/t/mounted.ram"), Path.of("/t/mounted.state"));
        assertGolden("restore-tcg.txt", line(Accelerator.TCG, Optional.of(Path.of("/r/passt.sock")), start));
    }

    @Test
    void resumed() throws IOException {
        QemuCommandLine line = new QemuCommandLine(
                IMAGE,
                new VmShape(512, 1),
                Accelerator.TCG,
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
        assertGolden("template-tcg.txt", line(Accelerator.TCG, Optional.empty(), start));
    }

    @Test
    void whatMeansSomethingToQemuIsEscapedInPaths() {
        QemuCommandLine line = new QemuCommandLine(
                IMAGE,
                new VmShape(512, 1),
                Accelerator.TCG,
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
    void templateKeyDependsOnEveryInput() {
        var start = new QemuCommandLine.Start.BootToSave(Path.of("/key/making.ram"));
        String key = Template.key(line(Accelerator.TCG, Optional.empty(), start), "qemu 1", 1024);
        assertThat(key).isEqualTo(Template.key(line(Accelerator.TCG, Optional.empty(), start), "qemu 1", 1024));
        assertThat(key).isNotEqualTo(Template.key(line(Accelerator.KVM, Optional.empty(), start), "qemu 1", 1024));
        assertThat(key).isNotEqualTo(Template.key(line(Accelerator.TCG, Optional.empty(), start), "qemu 2", 1024));
        assertThat(key).isNotEqualTo(Template.key(line(Accelerator.TCG, Optional.empty(), start), "qemu 1", 2048));
        GuestImage other = IMAGE.withRoot(Path.of("/c/images/root.erofs"));
        QemuCommandLine ofAnImage = new QemuCommandLine(
                other,
                new VmShape(512, 1),
                Accelerator.TCG,
                List.of(Path.of("/d/disk.raw")),
                InstanceDisk.DEVICE_BYTES,
                Path.of("/r"),
                Optional.empty(),
                List.of(),
                start);
        assertThat(key).isNotEqualTo(Template.key(ofAnImage, "qemu 1", 1024));
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
                        Accelerator.TCG,
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
