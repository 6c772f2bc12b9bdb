package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.RepeatedTest;

class ListenerTest {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    @RepeatedTest(50)
    void aPortIsFreeAsSoonAsItsListenerIsClosed() throws IOException {
        int port;
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
            port = any.getLocalPort();
        }
        Listener first = Listener.bind(port);
        first.accept(ListenerTest::drop);
        first.close();
        try (Listener second = Listener.bind(port)) {
            second.accept(ListenerTest::drop);
        }
        try (ServerSocket stranger = new ServerSocket(port, 1, InetAddress.getByAddress(LOOPBACK))) {
            assertThat(stranger.isBound()).isTrue();
        }
    }

    private static boolean drop(SocketChannel client) {
        try {
            client.close();
            return true;
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }
}
