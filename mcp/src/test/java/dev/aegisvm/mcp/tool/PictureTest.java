package dev.aegisvm.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureTest {
    private static final String PNG = "89504e470d0a1a0a0000000d49484452";

    @ParameterizedTest
    @CsvSource({
        "image/png,  10, 20,  89504e470d0a1a0a0000000d494844520000000a00000014",
        "image/gif,  10, 300, 4749463839610a002c01",
        "image/jpeg, 10, 20,  ffd8ffe000040000ffc00011080014000a03",
        "image/webp, 10, 20,  52494646000000005745425056503820000000000000000000000a001400",
        "image/webp, 10, 20,  5249464600000000574542505650384c000000002f09c00400",
        "image/webp, 10, 20,  524946460000000057454250565038580a00000000000000090000130000",
    })
    void aPictureIsKnownByItsFirstBytes(String mimeType, int width, int height, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        Picture picture = Picture.of(bytes).orElseThrow();
        assertThat(picture.mimeType()).isEqualTo(mimeType);
        assertThat(picture.width()).isEqualTo(width);
        assertThat(picture.height()).isEqualTo(height);
        assertThat(Base64.getDecoder().decode(picture.bytes())).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        PNG + "0000000000000014",
        PNG + "0000000affffffff",
        PNG + "000007d100000001",
        PNG,
        "ffd8ff",
        "ffd8ffe00000ffe00000ffe0",
        "89504e47",
        "''",
    })
    void whatIsCutOrTooLargeIsNone(String hex) {
        assertThat(Picture.of(HexFormat.of().parseHex(hex))).isEmpty();
    }

    @Test
    void aFileThatIsTooLargeIsNone() {
        byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(PNG + "0000000a00000014"), Picture.MAX_BYTES + 1);
        assertThat(Picture.begins(bytes)).isTrue();
        assertThat(Picture.of(bytes)).isEmpty();
    }
}
