package dev.aegisvm.gateway.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.Bytes;
import dev.aegisvm.gateway.policy.*;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class FirstFlightTest {
    private static final Destination GOOD = new Destination.Named("good.test", 443);

    private static Policy policy(String deny) throws PolicyException {
        List<String> words = deny.isEmpty() ? List.of() : List.of(deny);
        return new Policy(Mode.PUBLIC, List.of(), Rule.parse(words), new Nearby(Set::of));
    }

    private static FirstFlight byName() throws PolicyException {
        return new FirstFlight(policy(""), GOOD, true);
    }

    /** As Java's own client sends it. */
    private static byte[] greeting(String host) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(host, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void aRealClientIsUnderstood() throws Exception {
        byte[] greeting = greeting("good.test");
        assertThat(greeting).hasSizeGreaterThan(100);
        assertThat(FirstFlight.claim(ByteBuffer.wrap(greeting))).isEqualTo(new Claim.Host("good.test"));
        assertThat(byName().pass(ByteBuffer.wrap(greeting)).remaining()).isEqualTo(greeting.length);
        assertThatThrownBy(() -> byName().pass(ByteBuffer.wrap(greeting("evil.test"))))
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        "the connection was opened to good.test:443, but its request names evil.test; connect to the host that the request names");
    }

    @Test
    void whatComesAfterIsNotLookedAt() throws Exception {
        FirstFlight flight = byName();
        flight.pass(ByteBuffer.wrap(greeting("good.test")));
        ByteBuffer later = ByteBuffer.wrap(Bytes.of("GET / HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n"));
        assertThat(flight.pass(later)).isSameAs(later);
        flight.end();
    }

    @Test
    void anEndInTheMiddleIsRefused() throws Exception {
        FirstFlight flight = byName();
        assertThat(flight.pass(ByteBuffer.wrap(Bytes.of("GET / HT"))).hasRemaining())
                .isFalse();
        assertThatThrownBy(flight::end).hasMessageContaining("ended before it named its host");
        byName().end();
    }

    @Test
    void whatIsNotAllowedByNameIsNotHeldBackWithoutADenial() throws Exception {
        ByteBuffer half = ByteBuffer.wrap(Bytes.of("GET / HT"));
        assertThat(new FirstFlight(policy(""), GOOD, false).pass(half)).isSameAs(half);
        assertThat(new FirstFlight(policy("evil.test"), GOOD, false).pass(half).hasRemaining())
                .isFalse();
        Destination database = new Destination.Sibling("db", 80);
        ByteBuffer again = ByteBuffer.wrap(Bytes.of("GET / HT"));
        assertThat(new FirstFlight(policy("evil.test"), database, false).pass(again))
                .isSameAs(again);
    }

    @Test
    void aRefusedClientGetsWhatItUnderstands() throws Exception {
        Refusal refusal = new Refusal("é.test is not in the policy");
        byte[] page = refusal.answerTo(ByteBuffer.wrap(Bytes.of("GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")));
        String text = new String(page, StandardCharsets.UTF_8);
        assertThat(text)
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .endsWith("\r\n\r\naegis: é.test is not in the policy\n");
        int body = page.length - text.substring(0, text.indexOf("\r\n\r\n") + 4).length();
        assertThat(text).contains("Content-Length: " + body + "\r\n");
        assertThat(refusal.answerTo(ByteBuffer.wrap(greeting("good.test")))).containsExactly(0x15, 3, 3, 0, 2, 2, 49);
        assertThat(refusal.answerTo(ByteBuffer.wrap(Bytes.of("SSH-2.0-x\\r\\n"))))
                .isEmpty();
        assertThat(refusal.answerTo(ByteBuffer.allocate(0))).isEmpty();
    }

    @Test
    void javasClientTakesTheAlertForWhatItIs() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("good.test", 443);
        engine.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] alert = new Refusal("no").answerTo(out.flip());
        assertThatThrownBy(() -> engine.unwrap(ByteBuffer.wrap(alert), ByteBuffer.allocate(1 << 16)))
                .hasMessageContaining("access_denied");
    }
}
