package dev.aegisvm.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.AuditLine;
import dev.aegisvm.api.AuditLineBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SuggestionTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private static AuditLineBuilder line(String verdict, String rule) {
        return AuditLineBuilder.builder()
                .time(NOW)
                .kind(AuditLine.TCP)
                .verdict(verdict)
                .rule(rule);
    }

    private static AuditLine dns(String name) {
        return line(AuditLine.REFUSED, "allow").kind(AuditLine.DNS).name(name).build();
    }

    private static AuditLine tcp(@Nullable String name, @Nullable String address, int port) {
        return line(AuditLine.ALLOWED, "public")
                .name(name)
                .address(address)
                .port(port)
                .build();
    }

    private static List<String> flags(List<AuditLine> lines) throws PolicyException {
        return Suggestion.flags(
                lines,
                new Presets(Path.of("none"), _ -> List.of()),
                new Nearby(() ->
                        List.of(Nearby.Kind.of("an address in this host's local network", false, "192.0.32.0/24"))));
    }

    @Test
    void suggestsTheFewestFlags() throws PolicyException {
        List<AuditLine> lines = List.of(
                dns("api.test"),
                tcp("api.test", "93.184.216.34", 443),
                tcp("both.test", "93.184.216.34", 80),
                tcp("both.test", "93.184.216.34", 443),
                dns("unknown-port.test"),
                tcp("github.com", "140.82.121.3", 443),
                dns("x.githubusercontent.com"),
                tcp("db.corp", "10.1.2.3", 5432),
                tcp(null, "93.184.216.34", 8443),
                tcp(null, "2606:2800:21f::1", 8443),
                tcp("db.aegis", null, 5432),
                dns("host.aegis"),
                tcp("host.aegis", "127.0.0.1", 8080),
                tcp("host.aegis", "127.0.0.1", 8081),
                line(AuditLine.REFUSED, "deny evil.test")
                        .name("evil.test")
                        .port(80)
                        .build(),
                line(AuditLine.REFUSED, "limit").address("1.1.1.1").port(80).build(),
                line(AuditLine.REFUSED, "unknown")
                        .address("198.18.9.9")
                        .port(80)
                        .build());
        assertThat(flags(lines))
                .containsExactly(
                        "--allow 10.1.2.3:5432",
                        "--allow 93.184.216.34:8443",
                        "--allow @github",
                        "--allow [2606:2800:21f::1]:8443",
                        "--allow api.test:443",
                        "--allow both.test",
                        "--allow db.corp:5432",
                        "--allow host.aegis:8080",
                        "--allow host.aegis:8081",
                        "--allow instance:db:5432",
                        "--allow unknown-port.test");
    }

    @Test
    void aNameThatLeadsToANeighbourNeedsARuleForTheAddressToo() throws PolicyException {
        assertThat(flags(List.of(tcp("beside.corp", "192.0.32.8", 22))))
                .containsExactly("--allow 192.0.32.8:22", "--allow beside.corp:22");
    }

    @Test
    void aNameThatNoRuleTakesIsNotProposed() throws PolicyException {
        assertThat(flags(List.of(
                        dns("host.docker.internal"), tcp("host.docker.internal", "127.0.0.1", 80), dns("-x.aegis"))))
                .containsExactly("--allow host.aegis:80");
    }

    @Test
    void suggestsNothingForNothing() throws PolicyException {
        assertThat(flags(List.of())).isEmpty();
    }
}
