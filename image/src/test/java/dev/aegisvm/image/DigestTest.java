package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.image.rootfs.Digest;
import org.junit.jupiter.api.Test;

/** Digests, by OpenSSL where it is there, against those of Java. */
class DigestTest {
    @Test
    void piecesOfAnySizeComeToTheSame() throws Exception {
        Random random = new Random(5);
        MessageDigest ours = Digest.sha256();
        for (int round = 0; round < 50; round++) {
            byte[] bytes = new byte[random.nextInt(600_000)];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; ) {
                int piece = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(20)));
                ours.update(bytes, at, piece);
                at += piece;
            }
            String expected = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            assertThat(Digest.finished(ours)).isEqualTo(new Digest(expected));
            assertThat(Digest.of(bytes)).isEqualTo(new Digest(expected));
        }
    }

    @Test
    void whereOpensslIsThereItIsUsed() {
        assertThat(Digest.sha256().getProvider()).isNull();
        Digest nothing = Digest.finished(Digest.sha256());
        assertThat(nothing.toString()).startsWith("sha256:e3b0c442").endsWith("b855");
        byte[] one = {7};
        MessageDigest byOne = Digest.sha256();
        byOne.update((byte) 7);
        assertThat(Digest.finished(byOne)).isEqualTo(Digest.of(one));
        assertThat(Digest.of(Arrays.copyOf(one, 1))).isEqualTo(Digest.of(one));
    }
}
