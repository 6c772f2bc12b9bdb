package dev.aegisvm.vmm.qemu;

import module java.base;

/** A unix socket that waits for exactly one visitor. Closing it wakes whoever waits. */
record Doorbell(ServerSocketChannel server, Path path) implements AutoCloseable {
    static Doorbell listen(Path path) throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path), 1);
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
        }
        return new Doorbell(server, path);
    }

    /** Waits for the visitor; the socket's name is gone afterwards. */
    SocketChannel accept() throws IOException {
        try (this) {
            return server.accept();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the socket " + path, e);
        }
    }
}
