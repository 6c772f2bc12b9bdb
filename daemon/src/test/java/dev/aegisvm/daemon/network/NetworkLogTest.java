package dev.aegisvm.daemon.network;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.network.Gateways.NetworkLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkLogTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir
    private Path directory;

    private Instant now = NOW;

    private static AuditLine line(String name) {
        return AuditLineBuilder.builder()
                .time(NOW)
                .kind(AuditLine.DNS)
                .name(name)
                .verdict(AuditLine.REFUSED)
                .rule("allow")
                .build();
    }

    @Test
    void aFloodIsCountedAndNotWritten() {
        try (LogStore logs = new LogStore(directory, new Retention(1 << 20, 2))) {
            NetworkLog log = new NetworkLog(logs.of("inst-1"), () -> now);
            for (int i = 0; i < 1000; i++) {
                log.accept(line("flood.test"));
            }
            assertThat(lines(logs)).hasSize(200).allMatch(line -> line.missed() == null);
            now = NOW.plusSeconds(1);
            log.accept(line("after.test"));
            assertThat(lines(logs).getLast().missed()).isEqualTo(800);
            log.accept(line("after.test"));
            assertThat(lines(logs).getLast().missed()).isNull();
        }
    }

    private static List<AuditLine> lines(LogStore logs) {
        return LogTail.last(logs.of("inst-1"), 1000).stream()
                .map(json -> ApiJson.answer(AuditLine.class, json))
                .toList();
    }
}
