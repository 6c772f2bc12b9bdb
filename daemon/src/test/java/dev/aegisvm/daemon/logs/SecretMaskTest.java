package dev.aegisvm.daemon.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class SecretMaskTest {
    private static final SecretMask MASK =
            new SecretMask(List.of("s3cret-value", "short", "first line\nsecond line\n", "s3cret-value-longer"));

    private static String streamed(String text, int piece) {
        SecretMask.Bytes bytes = MASK.bytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] all = text.getBytes(UTF_8);
        for (int at = 0; at < all.length; at += piece) {
            byte[] next = Arrays.copyOfRange(all, at, Math.min(all.length, at + piece));
            out.writeBytes(bytes.pass(next, next.length));
        }
        out.writeBytes(bytes.rest());
        return out.toString(UTF_8);
    }

    @Test
    void valuesAndTheirLinesAreHiddenTheLongestFirst() {
        assertThat(MASK.hide("a s3cret-value, a s3cret-value-longer; short"))
                .isEqualTo("a [secret], a [secret]; short");
        assertThat(MASK.hide("first line")).isEqualTo("[secret]");
        assertThat(MASK.hide("\tsecond line.")).isEqualTo("\t[secret].");
    }

    @Test
    void aStreamHidesThemHoweverItIsCut() {
        String text = "s3cret-value is s3crets3cret-value\u00e4, and s3cre";
        for (int piece = 1; piece <= text.length(); piece++) {
            assertThat(streamed(text, piece)).isEqualTo("[secret] is s3cret[secret]\u00e4, and s3cre");
        }
    }

    @Test
    void bytesThatAreNoTextStayWhatTheyAre() {
        SecretMask.Bytes bytes = MASK.bytes();
        byte[] binary = {(byte) 0xff, 0, (byte) 0x80};
        assertThat(bytes.pass(binary, 3)).isEqualTo(binary);
    }

    @Test
    void aValueThatIsLongerThanWhatIsHeldBackIsHiddenInParts() {
        String value = new Random(1)
                .ints(20_000, '0', 'z')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        assertThat(new SecretMask(List.of(value)).hide("<" + value + ">")).matches("<(\\[secret\\])+>");
    }
}
