package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final Outbox outbox = new Outbox();

    private int filled() {
        ByteBuffer out = ByteBuffer.allocate(Outbox.BUFFER);
        outbox.fill(out);
        return out.position();
    }

    @Test
    void creditThatAGuestDoesNotReadIsOneFrame() {
        outbox.add(new Frame.Credit(7, 1));
        int one = filled();
        for (int i = 0; i < 100_000; i++) {
            outbox.add(new Frame.Credit(7, 32_768));
        }
        outbox.add(new Frame.Credit(0, 5));
        assertThat(filled()).isEqualTo(2 * one);
        assertThat(outbox.idle()).isTrue();
    }

    @Test
    void creditGoesBeforeWhatIsSaid() {
        outbox.add(new Frame.Eof(7));
        outbox.add(new Frame.Credit(7, 9));
        ByteBuffer out = ByteBuffer.allocate(Outbox.BUFFER);
        outbox.fill(out);
        ByteBuffer wanted = ByteBuffer.allocate(Outbox.BUFFER);
        new Frame.Credit(7, 9).encode(wanted);
        new Frame.Eof(7).encode(wanted);
        assertThat(out.flip()).isEqualTo(wanted.flip());
    }
}
