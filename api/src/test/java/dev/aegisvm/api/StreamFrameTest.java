package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamFrameTest {
    @Test
    void framesComeBackHoweverTheBytesAreCut() throws StreamFrame.MalformedFrameException {
        Random random = new Random(7);
        List<StreamFrame> sent = new ArrayList<>();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[i % 50 == 0 ? StreamFrame.MAX_PAYLOAD : random.nextInt(300)];
            random.nextBytes(bytes);
            StreamFrame frame = StreamFrame.of(StreamFrame.Type.STDOUT, bytes, 0, bytes.length);
            sent.add(frame);
            wire.writeBytes(frame.encode());
        }
        ByteBuffer bytes = ByteBuffer.wrap(wire.toByteArray());
        StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        List<StreamFrame> got = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int take = Math.min(bytes.remaining(), 1 + random.nextInt(1000));
            decoder.feed(bytes.slice(bytes.position(), take), got::add);
            bytes.position(bytes.position() + take);
        }
        assertThat(got).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(got.get(i).payload()).isEqualTo(sent.get(i).payload());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0b 00000000", "ff 00000000", "01 00010001", "01 ffffffff", "03 00000003", "04 00000000"})
    void refusesWhatIsNoFrame(String hex) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> new StreamFrame.Decoder().feed(ByteBuffer.wrap(bytes), frame -> {}))
                .isInstanceOf(StreamFrame.MalformedFrameException.class);
    }

    @Test
    void carriesNumbersAndRecords() throws StreamFrame.MalformedFrameException {
        List<StreamFrame> got = new ArrayList<>();
        StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        decoder.feed(
                ByteBuffer.wrap(StreamFrame.resize(new TerminalSize(24, 65535)).encode()), got::add);
        decoder.feed(ByteBuffer.wrap(StreamFrame.signal(15).encode()), got::add);
        decoder.feed(ByteBuffer.wrap(StreamFrame.stdinEnd().encode()), got::add);
        decoder.feed(
                ByteBuffer.wrap(StreamFrame.of(StreamFrame.Type.EXIT, new ProcessExit(137, 9, true, null))
                        .encode()),
                got::add);
        assertThat(got.get(0).size()).isEqualTo(new TerminalSize(24, 65535));
        assertThat(got.get(1).signal()).isEqualTo(15);
        assertThat(got.get(2).payload()).isEmpty();
        assertThat(got.get(3).text()).isEqualTo("{\"exit_code\":137,\"signal\":9,\"out_of_memory\":true}");
    }
}
