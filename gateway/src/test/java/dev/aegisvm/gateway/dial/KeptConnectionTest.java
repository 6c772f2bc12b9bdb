package dev.aegisvm.gateway.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.Bytes;
import dev.aegisvm.gateway.policy.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request of a connection is judged, wherever it is cut, and nothing of one that is refused passes. */
class KeptConnectionTest {
    private static final Destination GOOD = new Destination.Named("good.test", 80);
    private static final String ONE = "GET / HTTP/1.1\\r\\nHost: good.test\\r\\n\\r\\n";
    private static final String EVIL = "GET / HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n";
    private static final String POST = "POST / HTTP/1.1\\r\\nHost: good.test\\r\\n";
    private static final String SWITCH = "GET / HTTP/1.1\\r\\nHost: good.test\\r\\nUpgrade: websocket\\r\\n\\r\\n";

    private static Policy policy(String deny) {
        return new Policy(Mode.PUBLIC, List.of(), Rule.parse(List.of(deny)), new Nearby(Set::of));
    }

    /** A connection by a rule's name, and one where a rule denies the other host. */
    private static List<FirstFlight> flights() {
        return List.of(
                new FirstFlight(policy("other.test"), GOOD, true), new FirstFlight(policy("evil.test"), GOOD, false));
    }

    /** What passes of bytes that come in pieces. */
    private static String passed(FirstFlight flight, byte[] bytes, int piece) throws Refusal {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; at += piece) {
            ByteBuffer now = flight.pass(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
            byte[] some = new byte[now.remaining()];
            now.get(some);
            all.writeBytes(some);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ONE + ONE,
                POST + "Content-Length: 3\\r\\n\\r\\nabc" + ONE,
                POST + "Content-Length: 0\\r\\n\\r\\n" + ONE,
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n00a\\r\\n0123456789\\r\\n0\\r\\n\\r\\n"
                        + ONE,
                POST + "Transfer-Encoding: Chunked\\r\\n\\r\\n0\\r\\n\\r\\n" + ONE,
                POST + "Content-Length: 57\\r\\n\\r\\n"
                        + "GET / HTTP/1.1\\r\\nHost: evil.test\\r\\nX: 0123456789012345\\r\\n\\r\\n" + ONE,
                "GET / HTTP/1.1\\r\\nHost: good.test\\r\\nContent-Length: 12\\r\\n\\r\\n{\"query\":{}}" + ONE,
                "DELETE / HTTP/1.1\\r"
                        + "\\n"
                        + "Host: good.test\\r"
                        + "\\n"
                        + "Transfer-Encoding: chunked\\r"
                        + "\\n"
                        + "\\r"
                        + "\\n"
                        + "3\\r"
                        + "\\n"
                        + "abc\\r"
                        + "\\n"
                        + "0\\r"
                        + "\\n"
                        + "\\r"
                        + "\\n"
                        + ONE,
                "HEAD / HTTP/1.0\\r\\n\\r\\n" + ONE,
                SWITCH + ONE,
                ONE + "\\r\\n\\r\\n" + ONE + ONE
            })
    void whatEachServerReadsAlikePasses(String text) throws Exception {
        byte[] bytes = Bytes.of(text);
        for (int piece : List.of(1, 7, bytes.length)) {
            for (FirstFlight flight : flights()) {
                assertThat(passed(flight, bytes, piece)).isEqualTo(new String(bytes, StandardCharsets.ISO_8859_1));
                flight.end();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ONE + EVIL,
                ONE + ONE + ONE + EVIL,
                POST + "Content-Length: 3\\r\\n\\r\\nabc" + EVIL,
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\n" + EVIL,
                "GET / HTTP/1.0\\r\\n\\r\\n" + EVIL,
                ONE + "\\r\\n" + EVIL,
                ONE + "GET http://evil.test/ HTTP/1.1\\r\\n\\r\\n",
                SWITCH + EVIL,
                "CONNECT good.test:80 HTTP/1.1\\r\\n\\r\\n" + EVIL
            })
    void aLaterRequestForAnotherHostIsRefused(String text) {
        isRefused(text, "evil.test");
    }

    private static void isRefused(String text, String why) {
        byte[] bytes = Bytes.of(text);
        for (int piece : List.of(1, 7, bytes.length)) {
            for (FirstFlight flight : flights()) {
                assertThatThrownBy(() -> passed(flight, bytes, piece))
                        .as(piece + " at a time")
                        .isInstanceOf(Refusal.class)
                        .hasMessageContaining(why);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ONE + "SSH-2.0-x\\r\\n",
                ONE + "\\x16\\x03\\x01\\x00\\x00",
                ONE + "\"GET\" / HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n3;a=b\\r\\nabc\\r\\n0\\r\\n\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabcd\\r\\n0\\r\\n\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n3\\nabc\\r\\n0\\r\\n\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\nX: y\\r\\n\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n-1\\r\\n",
                POST + "Transfer-Encoding: chunked\\r\\n\\r\\n1000000000000000\\r\\n",
                "GET / HTTP/1.1\\r\\nHost: good.test\\r\\nContent-Length: 35\\r\\n\\r\\n" + EVIL,
                "DELETE / HTTP/1.1\\r\\nHost: good.test\\r\\nContent-Length: 35\\r\\n\\r\\n" + ONE,
                "GET / HTTP/1.1\\r"
                        + "\\n"
                        + "Host: good.test\\r"
                        + "\\n"
                        + "Content-Length: 40\\r"
                        + "\\n"
                        + "\\r"
                        + "\\n"
                        + "GET / HTTP/1.1\\r"
                        + "\\n"
                        + "Host: evil.test\\r"
                        + "\\n"
                        + "X-Long: "
                        + ONE
            })
    void whatIsNotRequestAfterRequestIsRefused(String text) {
        isRefused(text, "the connection to good.test:80 ");
    }

    /** Which the server says, and the client waits for. */
    @Test
    void anotherProtocolPassesWhereItIsGranted() throws Exception {
        for (FirstFlight flight : flights()) {
            passed(flight, Bytes.of(SWITCH), 9);
            for (byte one : Bytes.of("HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n")) {
                flight.answered(new byte[] {one}, 1);
            }
            assertThat(passed(flight, Bytes.of("\\x81\\x05" + EVIL), 3)).hasSize(37);
        }
        for (FirstFlight flight : flights()) {
            passed(flight, Bytes.of(SWITCH), 9);
            flight.answered(Bytes.of("HTTP/1.1 200 OK\\r\\n\\r\\n"), 19);
            assertThatThrownBy(() -> passed(flight, Bytes.of(EVIL), 1000)).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void aFloodOfHeadsCostsWhatItIsLong() throws Exception {
        byte[] many = Bytes.of(ONE.repeat(2000));
        for (FirstFlight flight : flights()) {
            assertThat(passed(flight, many, many.length)).hasSize(many.length);
        }
    }
}
