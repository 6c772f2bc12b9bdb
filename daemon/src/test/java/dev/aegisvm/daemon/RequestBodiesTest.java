package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of requests to the API count as held as soon as their length is known, whether they come or not. */
@Timeout(120)
class RequestBodiesTest {
    private static final int LARGEST = 4 << 20;
    /** So many take the part that the clients of the API have of the budget when no instance holds anything. */
    private static final int CLIENTS = 26;

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Http.Answer create(int size) throws IOException {
        return daemon.http.post("/v1/instances", " ".repeat(size));
    }

    @Test
    void thoseThatDoNotComeTakeTheirPartUntilTheirClientsLeave() throws Exception {
        List<SocketChannel> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(
                        daemon.http.begin("POST", "/v1/instances", new byte[1], "Content-Length: " + LARGEST + "\r\n"));
            }
            await().until(() -> daemon.budget.used().bytes() == (long) CLIENTS * LARGEST);
            assertThat(create(LARGEST))
                    .satisfies(refused -> assertThat(refused.status()).isEqualTo(503))
                    .satisfies(refused -> assertThat(refused.body())
                            .contains("host_memory_low", "memory for request bodies is in use", "try again"));
            assertThat(create(1).status()).as("a small one").isEqualTo(400);
        } finally {
            for (SocketChannel each : clients) {
                each.close();
            }
        }
        await().until(() -> daemon.budget.used().bytes() == 0);
        assertThat(create(LARGEST).status()).as("it is read now").isEqualTo(400);
        assertThat(create(LARGEST + 1).status()).as("one that is too long").isEqualTo(413);
        await().until(() -> daemon.budget.used().bytes() == 0);
    }
}
