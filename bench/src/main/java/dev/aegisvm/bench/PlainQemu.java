package dev.aegisvm.bench;

import dev.aegisvm.api.Routes;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A VM without AegisVM: QEMU boots the kernel and starts the harness. Its command line is that of a VM of the daemon, without
 * the network, the share and what loads a saved machine; the disk was made before the clock ran. Both are in its favour.
 */
final class PlainQemu {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String RUN = "{\"command\":[\"echo\",\"hi\"],\"env\":{\"PATH\":\"/usr/bin:/bin\"}}";

    /** Options of the daemon's VM that this one does without; the value of each follows it. */
    private static final List<String> LEFT_OUT = List.of("-netdev", "-fsdev", "-qmp", "-incoming", "-object");

    private final List<String> machine;
    private final Path disk;
    private final long diskBytes;
    private final Path directory;

    private PlainQemu(List<String> machine, Path disk, long diskBytes, Path directory) {
        this.machine = machine;
        this.disk = disk;
        this.diskBytes = diskBytes;
        this.directory = directory;
    }

    /** A machine like those of the daemon that can be booted again and again; its disk and sockets are in a scratch directory. */
    static PlainQemu like(Sandbox sandbox, String scratch) throws IOException {
        Path directory = sandbox.scratch(scratch);
        Path disk = directory.resolve("disk.raw");
        return sandbox.withIdle((client, id) -> {
            long vm =
                    ProcFile.vmsOf(client.call(Routes.STATUS).pid()).iterator().next();
            Path theirs = sandbox.data().resolve("instances").resolve(id).resolve("disk.raw");
            List<String> words = new ArrayList<>();
            List<String> given = ProcFile.commandLine(vm);
            for (int i = 0; i < given.size(); i++) {
                String value = i + 1 < given.size() ? given.get(i + 1) : "";
                boolean leftOut = LEFT_OUT.contains(given.get(i))
                        || value.startsWith("virtio-net-device")
                        || value.startsWith("virtio-9p-device");
                if (leftOut) {
                    i++;
                } else {
                    words.add(given.get(i)
                            .replace(theirs.toString(), disk.toString())
                            .replaceFirst("^(socket,id=channel,path=).*", "$1" + directory.resolve("channel.sock"))
                            .replaceFirst("^socket,id=console,path=.*", "null,id=console")
                            // One more, for the copier.
                            .replace("max_ports=2", "max_ports=3"));
                }
            }
            return new PlainQemu(List.copyOf(words), disk, Files.size(theirs), directory);
        });
    }

    /**
     * Milliseconds since QEMU's spawn.
     *
     * @param hello the harness answered
     * @param started the root is mounted and the main process runs
     */
    record Boot(double hello, double started) {}

    /** Boots it with an empty disk, starts a process in it, and ends it. */
    Boot boot() throws IOException {
        makeDisk(Optional.empty());
        long begin = System.nanoTime();
        try (Machine booted = start(List.of("-object", "memory-backend-ram,id=mem,size=512M"), LIMIT)) {
            double hello = Measure.since(begin);
            booted.mount();
            booted.call("run", RUN);
            return new Boot(hello, Measure.since(begin));
        }
    }

    /**
     * Makes a disk, in place of the one before.
     *
     * @param files what its root directory holds
     */
    void makeDisk(Optional<Path> files) throws IOException {
        Files.deleteIfExists(disk);
        List<String> command =
                new ArrayList<>(List.of("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-O", "^orphan_file"));
        files.ifPresent(root -> command.addAll(List.of("-d", root.toString())));
        command.addAll(List.of(disk.toString(), "4G"));
        TimedProcess.of(command.toArray(String[]::new)).mustEnd();
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(diskBytes);
        }
    }

    /**
     * Boots until the harness has answered to HELLO.
     *
     * @param more further arguments for QEMU, the memory among them
     * @param limit it is killed after this time
     */
    Machine start(List<String> more, Duration limit) throws IOException {
        Path socket = directory.resolve("channel.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            List<String> arguments = new ArrayList<>(machine);
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
                Machine started = new Machine(qemu, alarm, listener.accept());
                started.hello();
                return started;
            } catch (IOException obstacle) {
                alarm.cancel(false);
                qemu.destroyForcibly().onExit().join();
                throw new IOException(Files.readString(directory.resolve("qemu.log")), obstacle);
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

    /** A machine that runs, and as much of the guest channel (PROTOCOL.md) as it takes to use it. Closing ends it. */
    static final class Machine implements AutoCloseable {
        private static final int HELLO = 1;
        private static final int CONTROL = 2;
        private static final byte[] GREETING =
                HexFormat.of().parseHex("4145474953564d0000010000000102030405060708090a0b0c0d0e0f");

        private final Process qemu;
        private final CompletableFuture<Void> alarm;
        private final SocketChannel channel;
        private final DataInputStream in;
        private final DataOutputStream out;
        private int calls;

        private Machine(Process qemu, CompletableFuture<Void> alarm, SocketChannel channel) {
            this.qemu = qemu;
            this.alarm = alarm;
            this.channel = channel;
            in = new DataInputStream(Channels.newInputStream(channel));
            out = new DataOutputStream(Channels.newOutputStream(channel));
        }

        /** Says HELLO, and returns when it came back. */
        private void hello() throws IOException {
            send(HELLO, GREETING);
            if (!Arrays.equals(next(HELLO), GREETING)) {
                throw new IOException("a HELLO is not answered by the same");
            }
        }

        void mount() throws IOException {
            call("mount", "{\"root\":\"vda\",\"disk\":\"vdb\"}");
        }

        /** Makes a call and waits for its answer; drops all else that comes before it. */
        void call(String method, String parameters) throws IOException {
            calls++;
            String json = "{\"jsonrpc\":\"2.0\",\"id\":" + calls + ",\"method\":\"" + method + "\",\"params\":"
                    + parameters + "}";
            send(CONTROL, json.getBytes(StandardCharsets.UTF_8));
            String answer;
            do {
                answer = new String(next(CONTROL), StandardCharsets.UTF_8);
            } while (!answer.contains("\"id\":" + calls));
            if (!answer.contains("\"result\"")) {
                throw new IOException("the harness refuses " + json + " with " + answer);
            }
        }

        private byte[] next(int wanted) throws IOException {
            while (true) {
                int type = in.readUnsignedShort() >> 8;
                byte[] payload = new byte[in.readUnsignedShort()];
                in.readInt();
                in.readFully(payload);
                if (type == wanted) {
                    return payload;
                }
            }
        }

        private void send(int type, byte[] payload) throws IOException {
            out.writeShort(type << 8);
            out.writeShort(payload.length);
            out.writeInt(0);
            out.write(payload);
            out.flush();
        }

        @Override
        public void close() throws IOException {
            alarm.cancel(false);
            qemu.destroyForcibly().onExit().join();
            channel.close();
        }
    }
}
