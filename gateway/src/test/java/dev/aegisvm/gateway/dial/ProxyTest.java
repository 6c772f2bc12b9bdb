package dev.aegisvm.gateway.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.policy.Destination;
import dev.aegisvm.gateway.policy.PolicyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTest {
    @ParameterizedTest
    @CsvSource({
        "http://proxy.corp:8080, http://proxy.corp:8080, ''",
        "proxy.corp:8080, http://proxy.corp:8080, ''",
        "http://proxy.corp, http://proxy.corp:3128, ''",
        "http://u:p%40w@10.0.0.1:80/, http://10.0.0.1:80, u:p@w",
    })
    void isReadAsProgramsWriteIt(String url, String shown, String credentials) throws PolicyException {
        Proxy proxy = Proxy.parse(url, "").orElseThrow();
        assertThat(proxy).hasToString(shown);
        assertThat(proxy.credentials()).isEqualTo(credentials);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://p:1", "socks5://p:1", "http://", "http://a b", "http://u:secret@", "://"})
    void anotherKindIsRefusedWithoutRepeatingIt(String url) {
        assertThatThrownBy(() -> Proxy.parse(url, ""))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("http://HOST:PORT")
                .hasMessageNotContaining("secret");
    }

    @Test
    void theEnvironmentNamesIt() throws PolicyException {
        assertThat(Proxy.parse("none", "")).isEmpty();
        assertThat(Proxy.of(Map.of("PATH", "/bin", "https_proxy", ""), Optional.empty()))
                .isEmpty();
        Map<String, String> environment =
                Map.of("HTTP_PROXY", "http://a:1", "https_proxy", "http://b:2", "NO_PROXY", "x.test");
        assertThat(Proxy.of(environment, Optional.of("y.test"))
                        .orElseThrow()
                        .serves(new Destination.Named("x.test", Destination.SOME_PORT)))
                .isTrue();
        assertThat(Proxy.of(environment, Optional.empty())).get().satisfies(proxy -> {
            assertThat(proxy).hasToString("http://b:2");
            assertThat(proxy.serves(new Destination.Named("x.test", Destination.SOME_PORT)))
                    .isFalse();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "corp.test             | corp.test      | false",
                "corp.test             | a.corp.test    | false",
                "corp.test             | acorp.test     | true",
                ".corp.test            | a.corp.test    | false",
                "*.corp.test           | a.corp.test    | false",
                "corp.test:443         | corp.test      | false",
                "a.test, CORP.test     | corp.test      | false",
                "10.0.0.0/8            | 10.1.2.3       | false",
                "10.0.0.1              | 10.0.0.1       | false",
                "10.0.0.0/8            | 93.184.216.34  | true",
                "fd00::/8              | fd00::1        | false",
                "*                     | 93.184.216.34  | false",
                "*                     | x.test         | false",
                "%%%, ,,               | x.test         | true",
            })
    void someHostsAreReachedWithoutIt(String direct, String wanted, boolean serves) throws PolicyException {
        Proxy proxy = Proxy.parse("http://p:1", direct).orElseThrow();
        boolean numeric = wanted.matches("[0-9.]+|.*:.*");
        Destination destination = numeric
                ? new Destination.Numeric(InetAddress.ofLiteral(wanted), 443)
                : new Destination.Named(wanted, 443);
        assertThat(proxy.serves(destination)).isEqualTo(serves);
        assertThat(proxy.serves(new Destination.TheHost(80))).isFalse();
        assertThat(proxy.serves(new Destination.Sibling("db", 80))).isFalse();
    }
}
