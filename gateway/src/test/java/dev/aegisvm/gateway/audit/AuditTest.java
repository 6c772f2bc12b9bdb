package dev.aegisvm.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir
    private Path directory;

    private Instant now = NOW;

    private AuditLog open(long maxBytes) throws IOException {
        return new AuditLog(directory.resolve("network.ndjson"), maxBytes, () -> now);
    }

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

    @Test
    void aLineIsJson() throws IOException {
        AuditLine line = line(AuditLine.REFUSED, "allow")
                .name("api.example.com")
                .address("151.101.0.223")
                .port(443)
                .reason("a \"reason\"\n")
                .bytesUp(12)
                .bytesDown(345)
                .durationMs(6)
                .build();
        try (AuditLog log = open(1000)) {
            log.accept(line);
            assertThat(log.lines()).containsExactly(line);
        }
        assertThat(directory.resolve("network.ndjson")).hasContent("""
                {"time":"2026-01-02T03:04:05.678Z","kind":"tcp","name":"api.example.com","address":"151.101.0.223","port":443,\
                "rule":"allow","verdict":"refused","reason":"a \\"reason\\"\\n","bytes_up":12,"bytes_down":345,"duration_ms":6}
                """);
    }

    @Test
    void isBoundedAndKeepsTheNewest() throws IOException {
        try (AuditLog log = open(2000)) {
            for (int i = 0; i < 100; i++) {
                now = NOW.plusSeconds(i);
                log.accept(dns("n" + i + ".test"));
            }
            assertThat(log.lines()).hasSizeBetween(10, 40);
            assertThat(log.lines().getLast().name()).isEqualTo("n99.test");
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(2).allMatch(file -> file.toFile().length() < 2300);
        }
    }

    @Test
    void aFloodIsCountedAndNotWritten() throws IOException {
        try (AuditLog log = open(1 << 20)) {
            for (int i = 0; i < 1000; i++) {
                log.accept(dns("flood.test"));
            }
            assertThat(log.lines()).hasSize(200).allMatch(line -> line.missed() == null);
            now = NOW.plusSeconds(1);
            log.accept(dns("after.test"));
            assertThat(log.lines().getLast().missed()).isEqualTo(800);
            log.accept(dns("after.test"));
            assertThat(log.lines().getLast().missed()).isNull();
        }
    }

    @Test
    void goesOnWhereAnEarlierDaemonWasKilled() throws IOException {
        try (AuditLog log = open(1000)) {
            log.accept(dns("before.test"));
        }
        Files.writeString(directory.resolve("network.ndjson"), "{\"time\":\"2026", StandardOpenOption.APPEND);
        try (AuditLog log = open(1000)) {
            log.accept(dns("after.test"));
            assertThat(log.lines()).extracting(AuditLine::name).containsExactly("before.test", "after.test");
        }
    }

    @Test
    void suggestsTheFewestFlags() {
        List<AuditLine> lines = List.of(
                dns("api.test"),
                tcp("api.test", "93.184.216.34", 443),
                dns("both.test"),
                tcp("both.test", "93.184.216.34", 80),
                tcp("both.test", "93.184.216.34", 443),
                dns("unknown-port.test"),
                tcp("github.com", "151.101.0.223", 443),
                dns("api.github.com"),
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
        assertThat(Suggestion.flags(lines))
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
    void suggestsNothingForNothing() {
        assertThat(Suggestion.flags(List.of())).isEmpty();
    }
}
