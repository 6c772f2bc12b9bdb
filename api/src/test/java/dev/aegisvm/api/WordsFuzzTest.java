package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** What users write in one word: {@code --expose}, times, names, paths. */
public final class WordsFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("words", WordsFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        take(new String(input, StandardCharsets.UTF_8));
        // JSON can have half of a pair of surrogates, which UTF-8 cannot.
        take(new String(input, StandardCharsets.UTF_16BE));
    }

    private static void take(String text) {
        PortMapping.read(text).filter(PortMapping::inRange).ifPresent(mapping -> {
            String host = mapping.publicPort() == null ? "" : mapping.publicPort() + ":";
            String protocol = mapping.protocol() == null ? "" : "/" + mapping.protocol();
            assertThat(PortMapping.read(host + mapping.port() + protocol)).contains(mapping);
        });
        LooseDuration.read(text)
                .ifPresent(time ->
                        assertThat(LooseDuration.read(LooseDuration.text(time))).contains(time));
        IdleTimeout.read(text)
                .ifPresent(
                        timeout -> assertThat(IdleTimeout.read(timeout.text())).contains(timeout));
        orRefused(() -> Names.handle(text));
        orRefused(() -> new Names.InstanceRef(text));
        orRefused(() -> {
            GuestPath path = new GuestPath(text);
            assertThat(path.parent().resolve(path.name()).value()).startsWith("/");
        });
    }

    private static void orRefused(Runnable read) {
        try {
            read.run();
        } catch (ApiException refused) {
            assertThat(refused.status()).isEqualTo(400);
        }
    }
}
