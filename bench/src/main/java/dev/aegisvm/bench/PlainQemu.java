package dev.aegisvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A VM without AegisVM: QEMU boots the kernel and starts the harness. It has the devices that our VMs have except the
 * network, and a disk that was made before the clock ran; both are in its favour.
 */
final class PlainQemu {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String MOUNT =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"mount\",\"params\":{\"root\":\"vda\",\"disk\":\"vdb\"}}";
    private static final String RUN = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"run\",\"params\":"
            + "{\"command\":[\"echo\",\"hi\"],\"env\":{\"PATH\":\"/usr/bin:/bin\"}}}";
    private static final String KERNEL_ARGUMENTS =
            "quiet panic=-1 reboot=t nowatchdog net.ifnames=0" + " random.trust_cpu=on cgroup_no_v1=all";
    /** What our own emulated VMs have, too. */
    private static final String EMULATED_KERNEL_ARGUMENTS = " mitigations=off tsc=reliable";

    /**
     * Without them, about one emulated boot in ten dies: the old timer's interrupt comes by the old controller, which a kernel
     * with ACPI never sets up, and counts as a division by zero.
     */
    private static final String WITHOUT_OLD_TIMER = ",pic=off,pit=off";

    private final Guest guest;
    private final AcceleratorFile accelerator;
    private final Path directory;

    /**
     * Milliseconds since QEMU's spawn.
     *
     * @param hello the harness answered
     * @param started the root is mounted and the main process runs
     */
    record Boot(double hello, double started) {}

    /**
     * A machine that can be booted again and again.
     *
     * @param accelerator what runs the guest
     * @param directory for its disk and sockets
     */
    PlainQemu(Guest guest, AcceleratorFile accelerator, Path directory) {
        this.guest = guest;
        this.accelerator = accelerator;
        this.directory = directory;
    }

    Boot boot() throws IOException {
        Path disk = directory.resolve("disk.raw");
        Path socket = directory.resolve("channel.sock");
        Files.deleteIfExists(disk);
        TimedProcess.of(
                        List.of("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^orphan_file", disk.toString(), "4G"),
                        Map.of())
                .millisOf("");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            long begin = System.nanoTime();
            Process qemu = new ProcessBuilder(arguments(disk, socket))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("qemu.log").toFile())
                    .start();
            CompletableFuture<Void> alarm = new CompletableFuture<Void>()
                    .completeOnTimeout(null, LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .thenRun(qemu::destroyForcibly);
            try (SocketChannel channel = listener.accept()) {
                return talk(channel, begin);
            } finally {
                alarm.cancel(false);
                qemu.destroyForcibly().onExit().join();
            }
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private static Boot talk(SocketChannel channel, long begin) throws IOException {
        InputStream in = Channels.newInputStream(channel);
        OutputStream out = Channels.newOutputStream(channel);
        HarnessWire wire = new HarnessWire(in, out);
        wire.hello("nonce-of-a-bench".getBytes(StandardCharsets.US_ASCII));
        double hello = (System.nanoTime() - begin) / 1e6;
        wire.call(MOUNT, 1);
        wire.call(RUN, 2);
        return new Boot(hello, (System.nanoTime() - begin) / 1e6);
    }

    private List<String> arguments(Path disk, Path socket) {
        boolean emulated = accelerator.emulated();
        return List.of(
                "qemu-system-x86_64",
                "-nodefaults",
                "-no-user-config",
                "-no-reboot",
                "-display",
                "none",
                "-M",
                "microvm,acpi=on,rtc=off,isa-serial=off" + (emulated ? WITHOUT_OLD_TIMER : ""),
                "-accel",
                emulated ? "tcg,thread=multi" : accelerator.accelerator(),
                "-cpu",
                emulated ? "max" : "host",
                "-m",
                "512M",
                "-smp",
                "1",
                "-kernel",
                guest.kernel(),
                "-initrd",
                guest.initramfs(),
                "-append",
                emulated ? emulatedKernelArguments() : KERNEL_ARGUMENTS,
                "-drive",
                "if=none,id=root,format=raw,read-only=on,file=" + guest.base(),
                "-device",
                "virtio-blk-device,drive=root",
                "-drive",
                "if=none,id=disk,format=raw,file=" + disk,
                "-device",
                "virtio-blk-device,drive=disk",
                "-chardev",
                "socket,id=channel,path=" + socket,
                "-device",
                "virtio-serial-device",
                "-device",
                "virtserialport,chardev=channel,nr=1,name=aegis.channel");
    }

    /** An emulated kernel cannot measure its clock while the host is busy, and hangs; it has to be told. */
    private String emulatedKernelArguments() {
        String arguments = KERNEL_ARGUMENTS + EMULATED_KERNEL_ARGUMENTS;
        return accelerator.tscKhz() > 0 ? arguments + " tsc_early_khz=" + accelerator.tscKhz() : arguments;
    }
}
