package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** Files of a guest's Java: one that is taken has the authority then, and is taken again as it is. */
public final class JavaTrustFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("java-trust", JavaTrustFuzzTest::take);
    private static final String AUTHORITY = """
            -----BEGIN CERTIFICATE-----
            MIIBbzCCARWgAwIBAgIUd/0buPx+s7FnupTNd3jtkwgjBOcwCgYIKoZIzj0EAwIw
            DDEKMAgGA1UEAwwBYjAgFw0yNjExMjgxNzQ4MzNaGA8yMTI2MTEwNDE3NDgzM1ow
            DDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCqzZo0VEbmn
            DTwZEYDVooZdNGtxDTfLalevhEmCfeYkybVhlQF0eK5PFsRIlWO4ls1Al/h4m1HI
            bi5kexL0+NyjUzBRMB0GA1UdDgQWBBTh6a3GSEgATVxzpSaRsOq+BPz73jAfBgNV
            HSMEGDAWgBTh6a3GSEgATVxzpSaRsOq+BPz73jAPBgNVHRMBAf8EBTADAQH/MAoG
            CCqGSM49BAMCA0gAMEUCIHga8RbyMUrggsIJYpDKUnedWksdua2qUSsk+MFwag+U
            AiEAs8CInwep8HlRSzm64vRO+r+PefD736MAM+g8SejPOEk=
            -----END CERTIFICATE-----
            """;

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        String all;
        try {
            all = JavaTrust.with(new String(input, StandardCharsets.ISO_8859_1), List.of(AUTHORITY));
        } catch (IOException refused) {
            return;
        }
        assertThat(all)
                .satisfies(taken ->
                        assertThat(JavaTrust.with(taken, List.of(AUTHORITY))).isSameAs(taken));
    }
}
