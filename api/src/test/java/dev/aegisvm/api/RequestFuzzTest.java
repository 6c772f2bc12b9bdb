package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** The JSON bodies of all requests: each is read or refused by 400, and what was read is written so that it reads the same. */
public final class RequestFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("requests", RequestFuzzTest::take);
    private static final List<Route<?, ?>> WITH_BODY = Routes.all().stream()
            .filter(route -> route.request().form() == BodyType.BodyForm.JSON)
            .toList();

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        WITH_BODY.forEach(route -> take(route.request(), input));
    }

    private static <T> void take(BodyType<T> type, byte[] body) {
        T value;
        try {
            value = ApiJson.request(type, body);
        } catch (ApiException refused) {
            assertThat(refused.status()).isEqualTo(400);
            return;
        }
        assertThat(ApiJson.request(type, ApiJson.write(type, value))).isEqualTo(value);
    }
}
