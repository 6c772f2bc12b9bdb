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
 * could be at best. The kernel and its command line, the processor, the memory and the kind of port are those of the daemon's
 * VMs; there is no network device, and no frames, no credit, no daemon.
 */
final class CopierVm implements AutoCloseable {
    /** What {@code copier.c} understands. */
    enum Wish {
        FROM_SERVER('s'),
        TO_SERVER('t'),
        FROM_PORT('z'),
        TO_PORT('n');

        private final byte letter;

        Wish(char letter) {
            this.letter = (byte) letter;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String RUN =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"run\",\"params\":{\"command\":[\"sh\",\"-c\","
                    + "\"(/load-target; :) | { read up; exec /copier; }\"],\"env\":{}}}";
    private static final int FIRST_HEALTH = 3;
    private static final long MEMORY = 512L << 20;
    private static final int PIECE = 1 << 16;

    private final PlainQemu.Machine machine;
    private final SocketChannel port;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private int calls = FIRST_HEALTH;

    private CopierVm(PlainQemu.Machine machine, SocketChannel port) {
        this.machine = machine;
        this.port = port;
    }

    /** Boots it and starts both programs. */
    static CopierVm start(Sandbox sandbox) throws IOException {
        Path directory = Files.createTempDirectory(sandbox.scratch("copier"), "vm");
        Path disk = directory.resolve("disk");
        Path files = Files.createDirectories(disk.resolve("upper"));
        CProgram.build(files, LoadTarget.NAME);
        CProgram.build(files, "copier");
        PlainQemu qemu = new PlainQemu(Guest.in(sandbox.cache()), AcceleratorFile.in(sandbox.cache()), directory);
        Path image = qemu.disk(Optional.of(disk));
        Path socket = directory.resolve("port.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            List<String> second = List.of(
                    "-machine",
                    "memory-backend=mem",
                    "-object",
                    "memory-backend-file,id=mem,size=512M,share=off,readonly=on,rom=off,mem-path=" + memory(directory),
                    "-chardev",
                    "socket,id=bench,path=" + socket,
                    "-device",
                    "virtserialport,chardev=bench,nr=2,name=bench.port");
            PlainQemu.Machine machine = qemu.start(image, second, LIMIT);
            machine.wire().call(PlainQemu.MOUNT, 1);
            machine.wire().call(RUN, 2);
            return new CopierVm(machine, listener.accept());
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
        int id = calls++;
        long begin = System.nanoTime();
        machine.wire().call("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"health\",\"params\":{}}", id);
        return (System.nanoTime() - begin) / 1e6;
    }

    /** Moves {@link LoadTarget#BYTES}; MB a second. */
    double rate(Wish wish) throws IOException {
        long begin = System.nanoTime();
        write(ByteBuffer.wrap(new byte[] {wish.letter}));
        switch (wish) {
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
