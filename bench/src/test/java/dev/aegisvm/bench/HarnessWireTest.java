package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HarnessWireTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void saysHelloAsTheGoldenVectorHasIt() throws IOException {
        byte[] hello = HEX.parseHex(vector("hello"));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();

        new HarnessWire(new ByteArrayInputStream(hello), sent).hello(HEX.parseHex("000102030405060708090a0b0c0d0e0f"));

        assertThat(sent.toByteArray()).isEqualTo(hello);
    }

    @Test
    void anotherHelloIsNoAnswer() throws IOException {
        byte[] other = HEX.parseHex(vector("hello-nonce-all-ones"));
        HarnessWire wire = new HarnessWire(new ByteArrayInputStream(other), new ByteArrayOutputStream());

        assertThatThrownBy(() -> wire.hello(new byte[16])).hasMessageContaining("not answered by the same");
    }

    @Test
    void skipsNotificationsAndOtherFramesUntilTheAnswer() throws IOException {
        byte[] came = HEX.parseHex(
                control("{\"method\":\"ready\"}") + vector("credit-connection") + control("{\"id\":7,\"result\":{}}"));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();

        new HarnessWire(new ByteArrayInputStream(came), sent)
                .call("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"health\",\"params\":{}}", 7);

        assertThat(sent.toByteArray()).isEqualTo(HEX.parseHex(vector("control-request")));
    }

    @Test
    void anErrorIsToldWithTheRequest() {
        byte[] came = HEX.parseHex(control("{\"id\":1,\"error\":{\"code\":-32004}}"));
        HarnessWire wire = new HarnessWire(new ByteArrayInputStream(came), new ByteArrayOutputStream());

        assertThatThrownBy(() -> wire.call("{\"method\":\"run\"}", 1))
                .hasMessageContaining("run")
                .hasMessageContaining("-32004");
    }

    private static String control(String json) {
        byte[] payload = json.getBytes(StandardCharsets.UTF_8);
        return String.format("0200%04x00000000%s", payload.length, HEX.formatHex(payload));
    }

    private static String vector(String name) throws IOException {
        Path file = Path.of(System.getProperty("aegis.checkout", ".."), "guest/protocol/vectors/frames.txt");
        return Files.readAllLines(file).stream()
                .map(line -> line.split(" \\| ", -1))
                .filter(fields -> fields[0].equals(name))
                .map(fields -> fields[2].replace(" ", ""))
                .findFirst()
                .orElseThrow();
    }
}
