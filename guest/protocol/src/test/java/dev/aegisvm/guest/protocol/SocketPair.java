package dev.aegisvm.guest.protocol;

import module java.base;

/** Two ends of a local socket, as QEMU and the daemon have them. */
record SocketPair(SocketChannel host, SocketChannel guest) {
    static SocketPair open() throws IOException {
        Path directory = Files.createTempDirectory("aegis-pair");
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            SocketChannel host = SocketChannel.open(UnixDomainSocketAddress.of(path));
            return new SocketPair(host, server.accept());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }
}
