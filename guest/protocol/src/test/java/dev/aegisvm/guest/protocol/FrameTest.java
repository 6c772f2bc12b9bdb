package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.guest.protocol.Frame.FrameType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    static Stream<Arguments> vectors() {
        return Vectors.read("frames.txt").stream()
                .map(fields -> Arguments.of(fields.get(0), fields.get(1), fields.get(2), fields.get(3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theGoldenVectorsDecode(String name, String verdict, String wire, String frames) throws ProtocolViolation {
        ByteBuffer in = ByteBuffer.wrap(Vectors.bytes(wire));
        List<Frame> decoded = new ArrayList<>();

        if (verdict.equals("violation")) {
            assertThatThrownBy(() -> decodeAll(in, decoded)).isInstanceOf(ProtocolViolation.class);
        } else {
            decodeAll(in, decoded);
        }

        assertThat(decoded).isEqualTo(expected(frames));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theGoldenVectorsDecodeByteByByte(String name, String verdict, String wire, String frames)
            throws ProtocolViolation {
        byte[] bytes = Vectors.bytes(wire);
        List<Frame> decoded = new ArrayList<>();
        int start = 0;
        boolean violated = false;
        for (int end = 1; end <= bytes.length && !violated; end++) {
            ByteBuffer in = ByteBuffer.wrap(bytes, start, end - start);
            try {
                decodeAll(in, decoded);
            } catch (ProtocolViolation e) {
                violated = true;
            }
            start = in.position();
        }

        assertThat(violated).isEqualTo(verdict.equals("violation"));
        assertThat(decoded).isEqualTo(expected(frames));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theGoldenVectorsEncode(String name, String verdict, String wire, String frames) throws ProtocolViolation {
        byte[] bytes = Vectors.bytes(wire);
        List<Frame> expected = expected(frames);
        ByteBuffer out =
                ByteBuffer.allocate(expected.stream().mapToInt(Vectors::size).sum());

        expected.forEach(frame -> frame.encode(out));

        assertThat(out.remaining()).isZero();
        assertThat(Arrays.copyOf(bytes, out.position())).isEqualTo(out.array());
        if (verdict.equals("ok") && !name.startsWith("partial")) {
            assertThat(bytes).isEqualTo(out.array());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverBytesComeOnlyViolationsAreThrown(long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[200];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(8);
            bytes[1] = (byte) random.nextInt(2);
            bytes[2] = (byte) (random.nextInt(20) == 0 ? random.nextInt() : 0);
            bytes[4] = 0;
            bytes[5] = 0;
            bytes[6] = 0;
            bytes[7] = (byte) random.nextInt(3);
            ByteBuffer in = ByteBuffer.wrap(bytes);
            try {
                decodeAll(in, new ArrayList<>());
            } catch (ProtocolViolation e) {
                assertThat(e).hasMessageMatching("[ -~]+");
            }
            assertThat(in.position()).isBetween(0, bytes.length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7})
    void whatIsEncodedDecodesToTheSameHoweverItIsCut(long seed) throws ProtocolViolation {
        Random random = new Random(seed);
        List<Frame> frames =
                Stream.generate(() -> randomFrame(random)).limit(300).toList();
        ByteBuffer wire = ByteBuffer.allocateDirect(
                frames.stream().mapToInt(Vectors::size).sum());
        frames.forEach(frame -> frame.encode(wire));
        int total = wire.position();
        List<Frame> decoded = new ArrayList<>();
        wire.flip();
        for (int end = 0; end < total; ) {
            end = Math.min(total, end + 1 + random.nextInt(50_000));
            wire.limit(end);
            decodeAll(wire, decoded);
        }

        assertThat(decoded).isEqualTo(frames);
    }

    @Test
    void aPayloadIsAViewAndNoCopy() throws ProtocolViolation {
        ByteBuffer wire = ByteBuffer.allocateDirect(100);
        new Frame.Data(1, ByteBuffer.wrap(new byte[] {7})).encode(wire);
        wire.flip();

        Frame frame = Frame.decode(wire);

        assertThat(frame)
                .isInstanceOfSatisfying(
                        Frame.Data.class,
                        data -> assertThat(data.bytes().isDirect()).isTrue());
    }

    private static Frame randomFrame(Random random) {
        long stream = random.nextLong(1, 6);
        return switch (random.nextInt(6)) {
            case 0 -> new Frame.Hello(new UUID(random.nextLong(), random.nextLong()));
            case 1 -> new Frame.Control(random.nextBoolean(), payload(random, random.nextInt(Frame.MAX_PAYLOAD + 1)));
            case 2 -> new Frame.Data(stream, payload(random, 1 + random.nextInt(Frame.MAX_PAYLOAD)));
            case 3 -> new Frame.Credit(stream - 1, random.nextLong(1, 1L << 32));
            case 4 -> new Frame.Eof(stream);
            default -> new Frame.Reset(stream, ResetReason.INTERNAL);
        };
    }

    private static ByteBuffer payload(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static void decodeAll(ByteBuffer in, List<Frame> into) throws ProtocolViolation {
        Frame frame = Frame.decode(in);
        while (frame != null) {
            into.add(frame);
            frame = Frame.decode(in);
        }
    }

    private static List<Frame> expected(String frames) throws ProtocolViolation {
        List<Frame> result = new ArrayList<>();
        if (!frames.equals("-")) {
            for (String frame : frames.split(" ; ", -1)) {
                result.add(frame(frame.split(" ", -1)));
            }
        }
        return result;
    }

    private static Frame frame(String[] fields) throws ProtocolViolation {
        boolean more = fields[1].equals("1");
        long stream = Long.parseLong(fields[2]);
        ByteBuffer payload = ByteBuffer.wrap(Vectors.bytes(fields[3]));
        return switch (FrameType.valueOf(fields[0])) {
            case HELLO -> new Frame.Hello(new UUID(payload.getLong(12), payload.getLong(20)));
            case CONTROL -> new Frame.Control(more, payload);
            case DATA -> new Frame.Data(stream, payload);
            case CREDIT -> new Frame.Credit(stream, payload.getInt() & 0xFFFFFFFFL);
            case EOF -> new Frame.Eof(stream);
            case RESET -> new Frame.Reset(stream, ResetReason.of(payload.getInt()));
        };
    }
}
