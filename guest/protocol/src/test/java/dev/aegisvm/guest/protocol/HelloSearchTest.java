package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HelloSearchTest {
    /** The vectors that want any nonce are the harness's. */
    static Stream<Arguments> vectors() {
        return Vectors.read("scan.txt").stream()
                .filter(fields -> !fields.get(1).equals("*"))
                .map(fields -> Arguments.of(
                        fields.get(0), fields.get(1), fields.get(2), fields.get(3), Integer.valueOf(fields.get(4))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theGoldenVectors(String name, String nonce, String wire, String found, int used) {
        ByteBuffer in = ByteBuffer.wrap(Vectors.bytes(wire));

        boolean hit = search(nonce).takeFrom(in);

        assertThat(hit).isEqualTo(!found.equals("none"));
        assertThat(in.position()).isEqualTo(used);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theGoldenVectorsByteByByte(String name, String nonce, String wire, String found, int used) {
        byte[] bytes = Vectors.bytes(wire);
        HelloSearch search = search(nonce);
        int taken = 0;
        boolean hit = false;
        while (!hit && taken < bytes.length) {
            hit = search.takeFrom(ByteBuffer.wrap(bytes, taken++, 1));
        }

        assertThat(hit).isEqualTo(!found.equals("none"));
        assertThat(taken).isEqualTo(used);
    }

    private static HelloSearch search(String nonce) {
        ByteBuffer bytes = ByteBuffer.wrap(Vectors.bytes(nonce));
        return new HelloSearch(new UUID(bytes.getLong(), bytes.getLong()));
    }
}
