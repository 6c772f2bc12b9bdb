package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.policy.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholdersTest {
    private static final String PLACEHOLDER = BoundSecret.newPlaceholder();
    private static final Destination EVIL = new Destination.Named("evil.test", 80);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        KEY@API.Example.com          | KEY@api.example.com
        KEY@a.test:443,b.test:8443   | KEY@a.test,b.test:8443
        """)
    void aWordIsRead(String word, String normal) throws Exception {
        BoundSecret secret = BoundSecret.parse(word, List.of(PLACEHOLDER));
        assertThat(secret.name()).isEqualTo("KEY");
        assertThat(secret.word()).isEqualTo(normal);
        assertThat(BoundSecret.parse(secret.word(), List.of(PLACEHOLDER))).isEqualTo(secret);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KEY@",
                "KEY@,",
                "KEY@a.test,",
                "KEY@*.a.test",
                "KEY@10.0.0.1",
                "KEY@[::1]:443",
                "KEY@@npm",
                "KEY@a.test:0",
                "KEY@instance:db",
                "KEY@host.aegis:80",
                "KEY@db.aegis",
                "KEY@https://a.test/",
                "KEY@a_b.test",
                "KEY@a@b.test"
            })
    void whatIsNoHostIsRefused(String word) {
        assertThatThrownBy(() -> BoundSecret.parse(word, List.of(PLACEHOLDER))).isInstanceOf(PolicyException.class);
    }

    @Test
    void theHostsOfASecretAreAllowedAtTheirPortsByName() throws Exception {
        BoundSecret secret = BoundSecret.parse("KEY@a.test", List.of(PLACEHOLDER));
        Policy policy = new Policy(Mode.ALLOW, List.of(secret.rule()), List.of(), new Nearby(Set::of));
        Verdict verdict = policy.decide(new Destination.Named("a.test", 443));
        assertThat(verdict).isEqualTo(new Verdict(true, true, "secret KEY", "allowed by secret KEY"));
        assertThat(policy.decide(new Destination.Named("a.test", 80)).allowed()).isFalse();
        assertThat(policy.decide(new Destination.Named("b.a.test", 443)).allowed())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 44, 45, 4096})
    void aPlaceholderIsFoundWhereverItIsCut(int piece) throws Exception {
        Placeholders placeholders = new Placeholders(
                List.of(BoundSecret.parse("KEY@a.test", List.of(PLACEHOLDER))), name -> "v", value -> {});
        byte[] bytes = ("GET /?key=" + PLACEHOLDER + " HTTP/1.1").getBytes(StandardCharsets.US_ASCII);
        Placeholders.Watch watch = placeholders.watch(EVIL);
        assertThatThrownBy(() -> {
                    for (int at = 0; at < bytes.length; at += piece) {
                        watch.look(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
                    }
                })
                .hasMessage(
                        "the placeholder of the secret KEY was sent to evil.test:80, but that secret is only for a.test"
                                + "; bind it to another host with --secret KEY@HOST,HOST");
    }

    private static Placeholders of(BoundSecret secret) {
        return new Placeholders(List.of(secret), name -> "v", value -> {});
    }

    @Test
    void aForkUsesPlaceholdersOfItsOwnAndOfThoseBeforeIt() throws Exception {
        BoundSecret parent = BoundSecret.parse("KEY@a.test", List.of(PLACEHOLDER));
        BoundSecret fork = parent.forked();
        BoundSecret deep = fork.forked();
        assertThat(deep.placeholders())
                .containsExactly(deep.placeholder(), fork.placeholder(), PLACEHOLDER)
                .doesNotHaveDuplicates();
        assertThat(deep.word()).isEqualTo(parent.word());
        Destination host = new Destination.Named("a.test", 443);
        Placeholders ofTheFork = of(fork);
        for (String used : fork.placeholders()) {
            assertThat(ofTheFork.filled("Bearer " + used, host)).isEqualTo("Bearer v");
            assertThatThrownBy(() -> ofTheFork.refuseIn(used, EVIL, "in a URL"))
                    .hasMessageContaining("is only for a.test");
        }
        for (Placeholders others : List.of(of(parent), of(parent.forked()))) {
            assertThatThrownBy(() -> others.filled(fork.placeholder(), host))
                    .hasMessageContaining("a secret that this instance does not have");
        }
    }

    @Test
    void whatLooksLikeAValueIsKeptBackOnlyWhileItMayBecomeOne() throws Exception {
        BoundSecret key = BoundSecret.parse("KEY@a.test", List.of(PLACEHOLDER));
        Placeholders secrets = new Placeholders(List.of(key), name -> "abcdefgh", value -> {});
        secrets.learn();
        assertThat(secrets.known()).containsExactly(Map.entry("abcdefgh", "KEY"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ValueWatch watch = new ValueWatch(out, secrets, found -> {});
        for (String piece : List.of("abc", "xabcdef", "x", "--abcd")) {
            watch.write(piece.getBytes(StandardCharsets.US_ASCII), 0, piece.length());
        }
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("abcxabcdefx--");
        watch.end();
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("abcxabcdefx--abcd");
    }
}
