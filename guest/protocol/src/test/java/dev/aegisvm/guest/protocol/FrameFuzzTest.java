package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** The frames of a guest's channel: they are written as they were read, and however they are cut, the same come out. */
public final class FrameFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("guest-frames", FrameFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        List<String> whole = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(input);
        int at = 0;
        try {
            for (Frame frame = Frame.decode(in); frame != null; frame = Frame.decode(in)) {
                ByteBuffer again = ByteBuffer.allocate(in.position() - at);
                frame.encode(again);
                assertThat(again.array()).isEqualTo(Arrays.copyOfRange(input, at, in.position()));
                at = in.position();
                if (!(frame instanceof Frame.Control)) {
                    whole.add(text(frame));
                }
            }
        } catch (ProtocolViolation refused) {
            whole.add("refused");
        }
        assertThat(read(new Cut(input, 1 + input.length % 13))).isEqualTo(whole);
    }

    /** A frame without its payload, which is of its buffer. */
    private static String text(Frame frame) {
        return switch (frame) {
            case Frame.Data data -> data.stream() + ":" + data.bytes().remaining();
            case Frame.Hello _, Frame.Control _, Frame.Credit _, Frame.Eof _, Frame.Reset _ -> frame.toString();
        };
    }

    private static List<String> read(ByteChannel channel) throws IOException {
        List<String> frames = new ArrayList<>();
        FrameReader reader = new FrameReader(channel, Memory.UNBOUNDED, frame -> frames.add(text(frame)), json -> true);
        try {
            reader.run();
        } catch (ProtocolViolation refused) {
            frames.add("refused");
        }
        return frames;
    }

    /** Gives its bytes in pieces, and then the end. */
    private static final class Cut implements ByteChannel {
        private final ByteBuffer bytes;
        private final int piece;

        Cut(byte[] bytes, int piece) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.piece = piece;
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(piece, Math.min(into.remaining(), bytes.remaining()));
            into.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count == 0 ? -1 : count;
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
