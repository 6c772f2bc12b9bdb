package dev.aegisvm.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A VM of the bench's own, with the load target in it and {@code copier.c}, which has a virtio port to itself: what the relay
 * could be at best. The machine is that of the daemon's VMs, without a network device; there are no frames, no credit, no
 * daemon.
 */
final class CopierVm implements AutoCloseable {
    /** What {@code copier.c} understands. */
    enum Job {
        FROM_SERVER('s'),
        TO_SERVER('t'),
        FROM_PORT('z'),
        TO_PORT('n');

        private final byte letter;

        Job(char letter) {
            this.letter = (byte) letter;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String RUN =
            "{\"command\":[\"sh\",\"-c\",\"(/load-target; :) | { read up; exec /copier; }\"],\"env\":{}}";
    private static final long MEMORY = 512L << 20;
    private static final int PIECE = 1 << 16;

    private final PlainQemu.Machine machine;
    private final SocketChannel port;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);

    private CopierVm(PlainQemu.Machine machine, SocketChannel port) {
        this.machine = machine;
        this.port = port;
    }

    /** Boots it and starts both programs. */
    static CopierVm start(Sandbox sandbox) throws IOException {
        PlainQemu qemu = PlainQemu.like(sandbox, "copier");
        Path directory = sandbox.scratch("copier");
        Path disk = directory.resolve("disk");
        Path files = Files.createDirectories(disk.resolve("upper"));
        LoadTarget.build(files, LoadTarget.NAME);
        LoadTarget.build(files, "copier");
        qemu.makeDisk(Optional.of(disk));
        Path socket = directory.resolve("port.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            String memory = "memory-backend-file,id=mem,size=512M,share=off,readonly=on,rom=off,mem-path=";
            List<String> more = List.of(
                    "-object",
                    memory + memory(directory),
                    "-chardev",
                    "socket,id=bench,path=" + socket,
                    "-device",
                    "virtserialport,chardev=bench,nr=2,name=bench.port");
            PlainQemu.Machine machine = qemu.start(more, LIMIT);
            machine.mount();
            machine.call("run", RUN);
            return new CopierVm(machine, listener.accept());
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /** Memory that is mapped privately from a file, as a restored machine's is: the host has no huge pages for it. */
    private static Path memory(Path directory) throws IOException {
        Path file = directory.resolve("memory");
        try (RandomAccessFile memory = new RandomAccessFile(file.toFile(), "rw")) {
            memory.setLength(MEMORY);
        }
        return file;
    }

    /** Milliseconds that the harness takes to answer to {@code health}. */
    double health() throws IOException {
        return Measure.millis(() -> machine.call("health", "{}"));
    }

    /** Moves {@link LoadTarget#BYTES}; MB a second. */
    double rate(Job job) throws IOException {
        long begin = System.nanoTime();
        write(ByteBuffer.wrap(new byte[] {job.letter}));
        switch (job) {
            case FROM_SERVER, FROM_PORT -> take(LoadTarget.BYTES);
            case TO_SERVER, TO_PORT -> {
                for (long total = 0; total < LoadTarget.BYTES; total += PIECE) {
                    write(piece.clear());
                }
                take(1);
            }
        }
        return LoadTarget.rate(begin);
    }

    private void take(long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            int got = port.read(piece.clear());
            if (got < 0) {
                throw new EOFException("the copier's VM ended, " + left + " bytes too early");
            }
            left -= got;
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            port.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        try (machine) {
            port.close();
        }
    }
}
