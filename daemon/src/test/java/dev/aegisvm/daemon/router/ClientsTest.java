package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.router.Clients.Limits;
import dev.aegisvm.daemon.router.RelayedConnection.FirstRequest;
import org.junit.jupiter.api.Test;

/** Who stays and who leaves when a port is full. */
class ClientsTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final class Visitor implements Clients.Connection {
        private final Clients.Port port;
        private volatile boolean away;
        private volatile boolean held;

        private Visitor(Clients.Port port) {
            this.port = port;
        }

        static Visitor at(Clients.Port port) {
            Visitor visitor = new Visitor(port);
            port.arrived(visitor);
            return visitor;
        }

        void asks() {
            port.asked(this);
        }

        void goesOn() {
            port.quiet(this);
        }

        void leaves() {
            port.left(this);
        }

        @Override
        public void abort() {
            away = true;
        }

        @Override
        public boolean heldUp() {
            return held;
        }
    }

    private static List<Boolean> away(Visitor... visitors) {
        return Stream.of(visitors).map(visitor -> visitor.away).toList();
    }

    @Test
    void theOldestWithoutARequestLeavesAPortThatIsFull() {
        Clients.Port port = new Clients(new Limits(3, 1, 1000, LONG)).port(1, false);
        Visitor served = Visitor.at(port);
        served.asks();
        Visitor first = Visitor.at(port);
        Visitor second = Visitor.at(port);
        Visitor third = Visitor.at(port);
        assertThat(away(served, first, second, third)).containsExactly(false, true, false, false);
        second.goesOn();
        Visitor fourth = Visitor.at(port);
        assertThat(away(second, third, fourth)).as("one that goes on").containsExactly(false, true, false);
        second.asks();
        fourth.asks();
        assertThat(Visitor.at(port).away).as("one for whom nobody can leave").isTrue();
        second.leaves();
        second.leaves();
        first.leaves();
        assertThat(Visitor.at(port).away).as("one where there is room again").isFalse();
        assertThat(Visitor.at(port).away).isFalse();
        assertThat(away(served, second, fourth)).containsOnly(false);
    }

    @Test
    void aCrowdAtOnePortTakesNoDescriptorsFromAnother() {
        Clients clients = new Clients(new Limits(1000, 1, 20, LONG));
        Clients.Port calm = clients.port(1, true);
        Visitor early = Visitor.at(calm);
        Clients.Port crowded = clients.port(2, false);
        List<Visitor> crowd =
                IntStream.range(0, 500).mapToObj(each -> Visitor.at(crowded)).toList();
        Visitor late = Visitor.at(calm);
        assertThat(away(early, late)).containsOnly(false);
        assertThat(crowd.stream().filter(each -> !each.away)).hasSize(9);
        assertThat(crowd.getLast().away).isFalse();
    }

    @Test
    void whoAsksForNothingLeavesAfterAWhileUnlessItIsWeWhoKeepItWaiting() {
        Clients clients = new Clients(new Limits(1000, 1, 1000, SHORT));
        Clients.Port port = clients.port(1, false);
        Visitor served = Visitor.at(port);
        served.asks();
        Visitor held = Visitor.at(port);
        held.held = true;
        Visitor patient = Visitor.at(clients.port(1, true));
        Visitor silent = Visitor.at(port);
        await().until(() -> silent.away);
        Visitor another = Visitor.at(port);
        await().until(() -> another.away);
        assertThat(away(served, held, patient)).containsOnly(false);
        held.held = false;
        await().until(() -> held.away);
        served.goesOn();
        await().until(() -> served.away);
        assertThat(patient.away).isFalse();
    }

    @Test
    void fewAreAtTheGuestWithoutARequest() {
        Clients clients = new Clients(new Limits(1000, 2, 1000, LONG));
        Clients.Port port = clients.port(1, false);
        List<Visitor> four = Stream.generate(() -> Visitor.at(port)).limit(4).toList();
        assertThat(four.stream().filter(port::mayBeSilent)).containsExactlyElementsOf(four.subList(0, 2));
        four.get(0).asks();
        assertThat(port.mayBeSilent(four.get(2))).as("one has asked").isTrue();
        four.get(1).leaves();
        assertThat(port.mayBeSilent(four.get(3))).as("one has left").isTrue();
        assertThat(port.mayBeSilent(Visitor.at(port))).isFalse();
        Clients.Port patient = clients.port(1, true);
        assertThat(Stream.generate(() -> Visitor.at(patient)).limit(4)).allMatch(patient::mayBeSilent);
    }

    @Test
    void aFirstRequestIsWholeAtItsEmptyLine() {
        assertThat(wholeAt(true, "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n\r\n".length());
        assertThat(wholeAt(true, "PRI * HTTP/2.0\r\n\r\n")).isEqualTo(18);
        assertThat(wholeAt(true, "GET /\n\n")).isEqualTo(7);
        assertThat(wholeAt(true, "GET / HTTP/1.1\r\nHost: a\r\nX: ")).isEqualTo(-1);
        assertThat(wholeAt(true, "\u0016\u0003\u0001")).as("no HTTP").isEqualTo(1);
        assertThat(wholeAt(true, "G".repeat(70_000))).as("no server reads on").isPositive();
        assertThat(wholeAt(false, "GET")).as("any other protocol").isEqualTo(1);
    }

    /** After how many bytes it is whole; -1: after none of these. */
    private static int wholeAt(boolean http, String bytes) {
        FirstRequest request = new FirstRequest(http);
        for (int i = 0; i < bytes.length(); i++) {
            if (request.isWhole(new byte[] {(byte) bytes.charAt(i)}, 0, 1)) {
                return i + 1;
            }
        }
        return -1;
    }
}
