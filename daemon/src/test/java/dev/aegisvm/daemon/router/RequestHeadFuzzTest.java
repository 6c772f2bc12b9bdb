package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** What clients send to the HTTP router: each gets an answer, and a guest gets one request or none of it. */
public final class RequestHeadFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("http-requests", RequestHeadFuzzTest::take);
    private static final byte[] OK =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".getBytes(StandardCharsets.UTF_8);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws Exception {
        FuzzedRouter.check(FuzzedRouter.Only.ROUTER.exchange(input, OK, true));
    }
}
