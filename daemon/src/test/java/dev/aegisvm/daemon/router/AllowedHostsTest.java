package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which names a listener may be called. */
class AllowedHostsTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:8099", "127.0.0.1:1", "[::1]", "[::1]:65535"})
    void namesOfTheLoopbackAreOurs(String host) {
        assertThat(AllowedHosts.allows(host)).isTrue();
        assertThat(AllowedHosts.allowsOrigin("http://" + host)).isTrue();
        assertThat(AllowedHosts.allowsOrigin("https://" + host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "evil.example",
                "localhost.",
                "localhost.evil.example",
                "localhost@evil.example",
                "localhost:80@evil.example",
                "localhost:x",
                "localhost:8099/",
                "localhost\n",
                "127.0.0.1.evil.example",
                "127.1",
                "::1",
                "[::1",
                "[::2]",
                "::1]:80",
                "10.0.0.1:80",
            })
    void othersAreNot(String host) {
        assertThat(AllowedHosts.allows(host)).isFalse();
        assertThat(AllowedHosts.allowsOrigin("http://" + host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "null", "file://localhost", "chrome-extension://localhost", "http:localhost"})
    void anOriginIsThatOfAPage(String origin) {
        assertThat(AllowedHosts.allowsOrigin(origin)).isFalse();
    }
}
