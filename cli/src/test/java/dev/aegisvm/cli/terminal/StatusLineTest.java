package dev.aegisvm.cli.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Test;

class StatusLineTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(
            new ByteArrayInputStream(new byte[0]),
            Channels.newChannel(new ByteArrayOutputStream()),
            Channels.newChannel(err),
            true,
            true);

    private String said() {
        return err.toString(UTF_8);
    }

    @Test
    void tellsWhatTakesLongAndTakesItBack() {
        try (StatusLine line = new StatusLine(console, true)) {
            assertThat(line.repeat(StatusLine.seconds(() -> "stopping a\u0007"), Duration.ofMillis(1)))
                    .isSameAs(line);
            await().until(() -> said().contains("aegis: stopping a\\u0007… 0 s"));
        }
        assertThat(said()).endsWith("\r\u001b[K");
    }

    @Test
    void saysNothingOfWhatIsQuick() {
        try (StatusLine line = new StatusLine(console, true)) {
            assertThat(line.repeat(StatusLine.seconds(() -> "stopping a"), Duration.ofHours(1)))
                    .isSameAs(line);
        }
        assertThat(said()).isEmpty();
    }
}
