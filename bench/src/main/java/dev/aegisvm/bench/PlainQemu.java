package dev.aegisvm.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A VM without AegisVM: QEMU boots the kernel and starts the harness. It has the processor, the memory and the devices that our
 * VMs have, except the network and the share, and a disk that was made before the clock ran; both are in its favour.
 */
final class PlainQemu {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    static final String MOUNT =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"mount\",\"params\":{\"root\":\"vda\",\"disk\":\"vdb\"}}";
    private static final String RUN = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"run\",\"params\":"
            + "{\"command\":[\"echo\",\"hi\"],\"env\":{\"PATH\":\"/usr/bin:/bin\"}}}";
    private static final String KERNEL_ARGUMENTS =
            "quiet panic=-1 reboot=t nowatchdog net.ifnames=0 random.trust_cpu=on cgroup_no_v1=all";
    /** What our own emulated VMs have, too. */
    private static final String EMULATED_KERNEL_ARGUMENTS =
            " mitigations=off init_on_alloc=0 psi=0 cgroup.memory=nokmem audit=0 numa_balancing=disable tsc=reliable";

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

    /** Boots it with an empty disk, starts a process in it, and ends it. */
    Boot boot() throws IOException {
        Path disk = disk(Optional.empty());
        long begin = System.nanoTime();
        try (Machine machine = start(disk, List.of(), LIMIT)) {
            double hello = (System.nanoTime() - begin) / 1e6;
            machine.wire.call(MOUNT, 1);
            machine.wire.call(RUN, 2);
            return new Boot(hello, (System.nanoTime() - begin) / 1e6);
        }
    }

    /**
     * Makes a disk, in place of the one before.
     *
     * @param files what its root directory holds
     */
    Path disk(Optional<Path> files) throws IOException {
        Path disk = directory.resolve("disk.raw");
        Files.deleteIfExists(disk);
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^orphan_file"));
        files.ifPresent(root -> command.addAll(List.of("-d", root.toString())));
        command.addAll(List.of(disk.toString(), "4G"));
        TimedProcess.of(command, Map.of()).millisOf("");
        return disk;
    }

    /**
     * Boots until the harness has answered to HELLO.
     *
     * @param more further arguments for QEMU
     * @param limit it is killed after this time
     */
    Machine start(Path disk, List<String> more, Duration limit) throws IOException {
        Path socket = directory.resolve("channel.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            List<String> arguments = new ArrayList<>(arguments(disk, socket));
            arguments.addAll(more);
            Process qemu = new ProcessBuilder(arguments)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("qemu.log").toFile())
                    .start();
            // When QEMU ends, nobody may come any more.
            var _ = qemu.onExit().thenRun(() -> closeQuietly(listener));
            CompletableFuture<Void> alarm = new CompletableFuture<Void>()
                    .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                    .thenRun(qemu::destroyForcibly);
            try {
                return Machine.answering(qemu, alarm, listener.accept());
            } catch (IOException obstacle) {
                alarm.cancel(false);
                qemu.destroyForcibly().onExit().join();
                throw obstacle;
            }
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private static void closeQuietly(ServerSocketChannel listener) {
        try {
            listener.close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** A machine that runs; closing ends it. */
    record Machine(Process qemu, CompletableFuture<Void> alarm, SocketChannel channel, HarnessWire wire)
            implements AutoCloseable {

        private static Machine answering(Process qemu, CompletableFuture<Void> alarm, SocketChannel channel)
                throws IOException {
            HarnessWire wire = new HarnessWire(Channels.newInputStream(channel), Channels.newOutputStream(channel));
            wire.hello("nonce-of-a-bench".getBytes(StandardCharsets.US_ASCII));
            return new Machine(qemu, alarm, channel, wire);
        }

        @Override
        public void close() throws IOException {
            alarm.cancel(false);
            qemu.destroyForcibly().onExit().join();
            channel.close();
        }
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
                emulated ? "tcg,thread=multi,tb-size=64" : accelerator.accelerator(),
                "-cpu",
                emulated ? "max,erms=off,fsrm=off" : "host",
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
