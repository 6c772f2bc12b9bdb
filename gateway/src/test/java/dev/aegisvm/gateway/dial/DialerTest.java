package dev.aegisvm.gateway.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.api.AuditLine;
import dev.aegisvm.gateway.limit.Limits;
import dev.aegisvm.gateway.names.*;
import dev.aegisvm.gateway.policy.*;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DialerTest {
    private final ScriptedUpstream upstream = new ScriptedUpstream();
    private final SyntheticNames names = new SyntheticNames();
    private final List<AuditLine> log = new CopyOnWriteArrayList<>();
    private final List<String> siblings = new CopyOnWriteArrayList<>();
    private final Limits limits = new Limits(3, 2, Optional.empty());
    private Optional<Proxy> proxy = Optional.empty();
    private Echo echo;

    @BeforeEach
    void begin() throws IOException {
        echo = new Echo("127.0.0.1");
    }

    @AfterEach
    void end() throws IOException {
        echo.close();
    }

    private Passage dial(String policy, String wanted, int port) throws Exception {
        String[] words = policy.split(" ", -1);
        Policy made = new Policy(
                Mode.parse(words[0]),
                Rule.parse(List.of(words).subList(1, words.length)),
                List.of(),
                Nearby.ofThisHost(List::of));
        Gate gate = new Gate(() -> made, names, upstream, log::add);
        Dialer dialer = new Dialer(gate, proxy, this::sibling, limits);
        Optional<InetAddress> address = Addresses.parse(wanted);
        String asked = Addresses.text(
                address.orElseGet(() -> names.of(wanted).orElseThrow().v4()));
        return dialer.dial(asked, port);
    }

    private SocketChannel sibling(String instance, int port) throws IOException {
        siblings.add(instance + ":" + port);
        if (instance.equals("shy")) {
            throw new IOException("shy does not accept connections");
        }
        return SocketChannel.open(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), echo.port()));
    }

    /** What was refused, or had no answer, says why. */
    private String refusal(String policy, String wanted, int port) {
        return String.valueOf(catchThrowableOfType(Refusal.class, () -> dial(policy, wanted, port))
                .getMessage());
    }

    private String failure(String policy, String wanted, int port) {
        IOException failure = catchThrowableOfType(IOException.class, () -> dial(policy, wanted, port));
        assertThat(failure).isNotInstanceOf(Refusal.class);
        return String.valueOf(failure.getMessage());
    }

    private static String greeting(Passage opened) throws IOException {
        try (Passage passage = opened) {
            byte[] bytes = passage.channel().socket().getInputStream().readNBytes(Echo.GREETING.length());
            passage.received(bytes.length);
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aNameIsResolvedHereAndItsLineIsWrittenAtTheEnd() throws Exception {
        upstream.host("local.test", "127.0.0.1");
        assertThat(greeting(dial("allow local.test 127.0.0.1", "local.test", echo.port())))
                .isEqualTo(Echo.GREETING);
        assertThat(log).singleElement().satisfies(line -> {
            assertThat(line.kind()).isEqualTo("tcp");
            assertThat(line.name()).isEqualTo("local.test");
            assertThat(line.address()).isEqualTo("127.0.0.1");
            assertThat(line.port()).isEqualTo(echo.port());
            assertThat(line.rule()).isEqualTo("local.test");
            assertThat(line.verdict()).isEqualTo("allowed");
            assertThat(line.bytesDown()).isEqualTo(Echo.GREETING.length());
        });
        assertThat(limits.open()).isZero();
    }

    @Test
    void anAddressIsDialledAsItIs() throws Exception {
        assertThat(greeting(dial("public 127.0.0.1", "127.0.0.1", echo.port()))).isEqualTo(Echo.GREETING);
        assertThat(refusal("public", "127.0.0.1", echo.port())).contains("is an address of this host");
        for (String form : List.of("127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::1", "64:ff9b::127.0.0.1")) {
            assertThat(refusal("allow 0.0.0.0/0 ::/0", form, echo.port()))
                    .as(form)
                    .contains("does not allow; open it with --allow ");
        }
        assertThat(echo.clients).hasSize(1);
    }

    @Test
    void aNameThatIsRebountBetweenAnswerAndConnectionIsRefused() throws Exception {
        upstream.host("rebind.test", "93.184.216.34");
        assertThat(upstream.find("rebind.test").join().addresses()).hasSize(1);
        upstream.host("rebind.test", "127.0.0.1");
        assertThat(refusal("public", "rebind.test", echo.port()))
                .isEqualTo(
                        "rebind.test resolves to 127.0.0.1, an address of this host; also open that with --allow 127.0.0.1:"
                                + echo.port());
        assertThat(echo.clients).isEmpty();
        assertThat(log.getLast().verdict()).isEqualTo("refused");
        assertThat(log.getLast().address()).isEqualTo("127.0.0.1");
    }

    @Test
    void anAddressThatStandsForNoNameIsRefused() throws Exception {
        assertThat(refusal("open", "198.18.44.5", 80))
                .isEqualTo("198.18.44.5 no longer belongs to a name; look up the name again");
        assertThat(refusal("open", "fd61:6567:6973::c612:1", 80)).contains("no longer belongs to a name");
        assertThat(log).extracting(AuditLine::rule).containsOnly("unknown");
    }

    @Test
    void theNextAddressIsTriedWhenOneDoesNotAnswer() throws Exception {
        upstream.host("two.test", "127.0.0.9", "127.0.0.1");
        assertThat(greeting(dial("allow two.test 127.0.0.9 127.0.0.1", "two.test", echo.port())))
                .isEqualTo(Echo.GREETING);
        assertThat(log.getLast().address()).isEqualTo("127.0.0.1");
    }

    @Test
    void whatDoesNotAnswerSaysSo() throws Exception {
        upstream.host("local.test", "127.0.0.1");
        try (Socket deaf = new Socket()) {
            deaf.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            int port = deaf.getLocalPort();
            assertThat(failure("allow local.test 127.0.0.1", "local.test", port))
                    .startsWith("local.test:" + port + " does not answer: 127.0.0.1:" + port + ": Connection refused");
        }
        assertThat(failure("public", "gone.test", 80)).endsWith("does not answer: no such host name");
        assertThat(failure("public", "broken.test", 80)).endsWith("does not answer: no DNS server answers");
        assertThat(log).extracting(AuditLine::verdict).containsOnly("failed");
        assertThat(limits.open()).isZero();
    }

    @Test
    void theHostsLoopbackIsReachedByItsRuleAlone() throws Exception {
        assertThat(greeting(dial("allow host.aegis:" + echo.port(), "host.aegis", echo.port())))
                .isEqualTo(Echo.GREETING);
        assertThat(greeting(dial("allow host.aegis:" + echo.port(), "host.docker.internal", echo.port())))
                .isEqualTo(Echo.GREETING);
        assertThat(refusal("allow host.aegis:1", "host.aegis", echo.port()))
                .isEqualTo("host.aegis:" + echo.port() + " is not in the policy; allow it with --allow host.aegis:"
                        + echo.port());
    }

    @Test
    void anotherInstanceIsLeftToTheOneWhoKnowsIt() throws Exception {
        Passage there = dial("public instance:db:5432", "db.aegis", 5432);
        assertThat(siblings).containsExactly("db:5432");
        assertThat(there.destination()).isEqualTo(new Destination.Sibling("db", 5432));
        assertThat(limits.open()).isEqualTo(1);
        there.close();
        there.close();
        assertThat(limits.open()).isZero();
        assertThat(log).hasSize(1);
        assertThat(refusal("public instance:shy", "shy.aegis", 80)).isEqualTo("shy does not accept connections");
        assertThat(log.getLast().verdict()).isEqualTo("refused");
        assertThat(log.getLast().reason()).isEqualTo("shy does not accept connections");
        assertThat(limits.open()).isZero();
        assertThat(refusal("public instance:db:5432", "db.aegis", 22)).contains("--allow instance:db:22");
        assertThat(upstream.asked).isEmpty();
    }

    @Test
    void noMoreConnectionsThanTheLimit() throws Exception {
        List<Passage> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            open.add(dial("public 127.0.0.1", "127.0.0.1", echo.port()));
        }
        assertThat(refusal("public 127.0.0.1", "127.0.0.1", echo.port()))
                .contains("3 connections, the most allowed; close some of them");
        assertThat(log).singleElement().extracting(AuditLine::rule).isEqualTo("limit");
        for (Passage each : open) {
            assertThat(greeting(each)).isEqualTo(Echo.GREETING);
        }
        assertThat(greeting(dial("public 127.0.0.1", "127.0.0.1", echo.port()))).isEqualTo(Echo.GREETING);
    }

    @Test
    void whatIsNoAddressIsRefused() throws Exception {
        Gate gate = new Gate(
                () -> {
                    throw new IllegalStateException("nobody is to be asked");
                },
                names,
                upstream,
                log::add);
        Dialer dialer = new Dialer(gate, proxy, this::sibling, limits);
        for (String wrong : List.of("", "localhost", "127.1", "0x7f.1", "::1%lo", "1".repeat(100_000))) {
            assertInvalid(dialer, wrong, 80);
        }
        assertInvalid(dialer, "127.0.0.1", 0);
        assertInvalid(dialer, "127.0.0.1", 65_536);
    }

    private static void assertInvalid(Dialer dialer, String address, int port) {
        assertThatThrownBy(() -> dialer.dial(address, port))
                .isInstanceOf(Refusal.class)
                .hasMessage("not a valid address and port");
    }

    @Test
    void aProxyGetsTheNameThatARuleAllows() throws Exception {
        try (ConnectProxy company = new ConnectProxy().with("inner.corp:443", echo.port())) {
            proxy = Proxy.parse(company.url(), "");
            assertThat(greeting(dial("allow inner.corp", "inner.corp", 443))).isEqualTo(Echo.GREETING);
            assertThat(company.heads)
                    .singleElement()
                    .asString()
                    .startsWith("CONNECT inner.corp:443 HTTP/1.1\r\nHost: inner.corp:443\r\n")
                    .contains("Proxy-Authorization: Basic "
                            + Base64.getEncoder().encodeToString("user:pass word".getBytes(StandardCharsets.UTF_8)));
            assertThat(log.getLast().address()).doesNotContain("pass");
        }
    }

    @Test
    void aProxyGetsTheJudgedAddressWhereNoRuleNamesTheHost() throws Exception {
        try (ConnectProxy company = new ConnectProxy().with("93.184.216.34:443", echo.port())) {
            proxy = Proxy.parse(company.url(), "direct.test");
            assertThat(greeting(dial("public", "x.test", 443))).isEqualTo(Echo.GREETING);
            assertThat(greeting(dial("public", "93.184.216.34", 443))).isEqualTo(Echo.GREETING);
            upstream.host("near.test", "127.0.0.1");
            assertThat(refusal("public", "near.test", 443)).contains("resolves to 127.0.0.1");
            assertThat(failure("public", "gone.test", 443)).contains("no such host name");
            assertThat(failure("allow other.test", "other.test", 443))
                    .contains("refused the connection: HTTP/1.1 403 Not for you");
            assertThat(company.heads).hasSize(3);
            upstream.host("direct.test", "127.0.0.1");
            assertThat(greeting(dial("public 127.0.0.1", "direct.test", echo.port())))
                    .isEqualTo(Echo.GREETING);
            assertThat(company.heads).hasSize(3);
        }
    }
}
