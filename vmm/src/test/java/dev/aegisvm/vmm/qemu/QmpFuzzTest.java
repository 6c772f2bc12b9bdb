package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** What QEMU's monitor says, should somebody else speak in QEMU's place: a command is done or fails. */
public final class QmpFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("qmp", QmpFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        Path socket = Files.createTempDirectory("aegis-qmp-").resolve("s");
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(socket));
            SocketChannel ours = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            try (SocketChannel theirs = door.accept();
                    QmpClient client = new QmpClient(ours)) {
                theirs.configureBlocking(false);
                theirs.write(ByteBuffer.wrap(input));
                theirs.shutdownOutput();
                client.restore("/state", false);
            } catch (IOException refused) {
                return;
            }
        } finally {
            Files.delete(socket);
            Files.delete(socket.getParent());
        }
    }
}
