package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** The frames of {@code aegis-stream}: however they are cut, the same come out, and they are written as they were read. */
public final class StreamFrameFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("stream-frames", StreamFrameFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        List<StreamFrame> whole = frames(input, Math.max(1, input.length));
        List<StreamFrame> cut = frames(input, 1 + (input.length % 7));
        assertThat(written(cut)).isEqualTo(written(whole));
        assertThat(written(whole)).isEqualTo(Arrays.copyOf(input, written(whole).length));
        whole.forEach(StreamFrameFuzzTest::read);
    }

    private static List<StreamFrame> frames(byte[] input, int piece) {
        List<StreamFrame> frames = new ArrayList<>();
        StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        try {
            for (int at = 0; at < input.length; at += piece) {
                decoder.feed(ByteBuffer.wrap(input, at, Math.min(piece, input.length - at)), frames::add);
            }
        } catch (StreamFrame.MalformedFrameException refused) {
            // What came before it counts.
        }
        return frames;
    }

    private static byte[] written(List<StreamFrame> frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        frames.forEach(frame -> bytes.writeBytes(frame.encode()));
        return bytes.toByteArray();
    }

    private static void read(StreamFrame frame) {
        switch (frame.type()) {
            case RESIZE -> {
                try {
                    assertThat(frame.size().rows()).isBetween(1, 65_535);
                } catch (ApiException noSize) {
                    assertThat(noSize).hasMessageContaining("tty.rows");
                }
            }
            case SIGNAL -> assertThat(frame.signal()).isBetween(0, 255);
            case STDIN, STDOUT, STDERR, EXIT, ERROR, STARTED, NOTE, CREATED, CURSORS ->
                assertThat(frame.text().length()).isLessThanOrEqualTo(frame.payload().length);
        }
    }
}
