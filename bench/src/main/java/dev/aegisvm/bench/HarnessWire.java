package dev.aegisvm.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** As much of the guest channel (guest/protocol/PROTOCOL.md) as it takes to see a harness at work. */
final class HarnessWire {
    private static final int HELLO = 1;
    private static final int CONTROL = 2;
    private static final int HELLO_BYTES = 36;
    private static final byte[] MAGIC_AND_VERSION = HexFormat.of().parseHex("4145474953564d0000010000");

    private final DataInputStream in;
    private final DataOutputStream out;

    HarnessWire(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = new DataOutputStream(out);
    }

    /**
     * Says HELLO, and returns when it came back.
     *
     * @param nonce 16 bytes
     */
    void hello(byte[] nonce) throws IOException {
        byte[] payload = Arrays.copyOf(MAGIC_AND_VERSION, MAGIC_AND_VERSION.length + nonce.length);
        System.arraycopy(nonce, 0, payload, MAGIC_AND_VERSION.length, nonce.length);
        send(HELLO, payload);
        byte[] answer = new byte[HELLO_BYTES];
        in.readFully(answer);
        if (answer[0] != HELLO || !Arrays.equals(answer, 8, HELLO_BYTES, payload, 0, payload.length)) {
            throw new IOException(
                    "a HELLO is not answered by the same, but " + HexFormat.of().formatHex(answer));
        }
    }

    /**
     * Makes a call and waits for its answer; drops all else that comes before it.
     *
     * @param json the whole request
     * @param id the id in it
     */
    void call(String json, int id) throws IOException {
        send(CONTROL, json.getBytes(StandardCharsets.UTF_8));
        String answer = nextControl();
        while (!answer.contains("\"id\":" + id)) {
            answer = nextControl();
        }
        if (!answer.contains("\"result\"")) {
            throw new IOException("the harness refuses " + json + " with " + answer);
        }
    }

    private String nextControl() throws IOException {
        int type;
        byte[] payload;
        do {
            type = in.readUnsignedByte();
            in.readUnsignedByte();
            payload = new byte[in.readUnsignedShort()];
            in.readInt();
            in.readFully(payload);
        } while (type != CONTROL);
        return new String(payload, StandardCharsets.UTF_8);
    }

    private void send(int type, byte[] payload) throws IOException {
        out.writeByte(type);
        out.writeByte(0);
        out.writeShort(payload.length);
        out.writeInt(0);
        out.write(payload);
        out.flush();
    }
}
