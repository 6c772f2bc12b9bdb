package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import org.junit.jupiter.api.*;

/** Clients of a port, which ask for nothing, while the daemon's memory for its instance runs out. */
@Timeout(60)
class RelayedConnectionTest {
    private final AwakeInstance instance = new AwakeInstance();
    private final ForeignBudget.Share share = instance.connections().share();
    private final GuestPort port = new GuestPort(
            instance,
            ExposedPort.of("8080:80/http"),
            new Clients(new Clients.Limits(1000, 0, 1000, Duration.ofMinutes(10))));

    @AutoClose
    private final ServerSocketChannel server = ServerSocketChannel.open();

    RelayedConnectionTest() throws IOException {
        server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        instance.failsToWake();
    }

    private Socket client() throws IOException {
        Socket client = new Socket();
        client.connect(server.getLocalAddress());
        client.setSoTimeout(20_000);
        RelayedConnection connection = new RelayedConnection(server.accept(), port);
        Thread.ofVirtual().start(connection::run);
        return client;
    }

    private static String rest(Socket client) throws IOException {
        return RoutedServers.untilClosed(client);
    }

    @Test
    void oneForWhomThereIsNoMemoryIsClosedAndSoIsTheOldest() throws Exception {
        try (Socket oldest = client()) {
            await().until(() -> share.held().bytes() > 0);
            Cost each = share.held();
            for (long size = 1 << 20; size > 0; size >>= 1) {
                while (share.take(new Cost(size, 0))) {
                    // Until there is none left.
                }
            }
            Cost all = share.held();
            try (Socket another = client()) {
                assertThat(rest(another)).isEmpty();
                assertThat(rest(oldest)).isEmpty();
            }
            assertThat(instance.logged())
                    .containsExactly("a connection to port 80 was closed:"
                            + " its clients have reached their limit of the daemon's memory");
            await().until(() -> share.held().plus(each).equals(all));
            try (Socket _ = client()) {
                await().until(() -> share.held().equals(all));
            }
            await().until(() -> share.held().plus(each).equals(all));
        }
    }
}
