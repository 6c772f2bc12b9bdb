package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.Bytes;

/** Makes a TLS client's greeting of words, right and wrong ones. */
public final class TlsGreeting {
    private static final int HANDSHAKE = 0x16;

    private final Map<String, String> words = new LinkedHashMap<>();

    private TlsGreeting(String words) {
        for (String word : words.split(" ", -1)) {
            String[] parts = word.split("=", 2);
            this.words.put(parts[0], parts.length > 1 ? parts[1] : "");
        }
    }

    /**
     * Words: {@code sni=NAME[,NAME]}, {@code nosni}, {@code noextensions}, {@code twice}, {@code ech}, {@code esni}, {@code
     * record=BYTES} of each record, {@code cut=BYTES} of all, and mistakes as the methods here make them.
     */
    public static byte[] of(String words) {
        return new TlsGreeting(words).bytes();
    }

    private byte[] bytes() {
        if (words.containsKey("ssl2")) {
            return HexFormat.of().parseHex("802e0103010015000000100000070000c0" + "00".repeat(32));
        }
        byte[] all = inRecords(message());
        return Arrays.copyOf(all, Math.min(all.length, number("cut", all.length)));
    }

    private int number(String word, int otherwise) {
        return Integer.parseInt(words.getOrDefault(word, Integer.toString(otherwise)));
    }

    private boolean has(String word) {
        return words.containsKey(word);
    }

    private byte[] message() {
        byte[] body = join(
                new byte[] {3, 3},
                new byte[32],
                sized(1, new byte[32]),
                sized(2, new byte[] {0x13, 1}),
                sized(1, new byte[1]));
        if (!has("noextensions")) {
            body = join(body, sized(2, extensions()));
        }
        int length = has("longest") ? 0xff_ffff : body.length;
        int head = (number("type", 1) << 24) | length;
        return join(ByteBuffer.allocate(4).putInt(head).array(), body);
    }

    private byte[] extensions() {
        byte[] all = extension(0x2b, new byte[] {2, 3, 4});
        if (has("sni")) {
            all = join(all, extension(0, names()), has("twice") ? extension(0, names()) : new byte[0]);
        }
        if (has("ech") || has("esni")) {
            all = join(all, extension(has("ech") ? 0xfe0d : 0xffce, new byte[40]));
        }
        byte[] last = extension(0x10, new byte[] {0, 3, 2, 'h', '2'});
        last[3] += (byte) (has("extension-lies") ? 1 : 0);
        return join(all, last, has("trailing") ? new byte[1] : new byte[0]);
    }

    private byte[] names() {
        byte[] entries = {};
        for (String name : words.getOrDefault("sni", "").split(",", -1)) {
            byte[] sized = sized(2, Bytes.of(name));
            sized[1] += (byte) (has("name-lies") ? 9 : 0);
            entries = join(entries, new byte[] {(byte) number("nametype", 0)}, sized);
        }
        byte[] list = sized(2, entries);
        list[1] += (byte) (has("list-lies") ? 9 : 0);
        return list;
    }

    private static byte[] extension(int type, byte[] content) {
        return join(new byte[] {(byte) (type >> 8), (byte) type}, sized(2, content));
    }

    private byte[] inRecords(byte[] message) {
        byte[] all = has("alert-first") ? record(0x15, new byte[] {1, 0}) : new byte[0];
        all = has("data-first") ? record(0x17, new byte[] {1, 0}) : all;
        all = has("empty-record") ? record(HANDSHAKE, new byte[0]) : all;
        int size = number("record", message.length);
        for (int at = 0; at < message.length; at += size) {
            all = join(all, record(HANDSHAKE, Arrays.copyOfRange(message, at, Math.min(message.length, at + size))));
        }
        return all;
    }

    private static byte[] record(int type, byte[] content) {
        return join(new byte[] {(byte) type, 3, 1}, sized(2, content));
    }

    private static byte[] sized(int width, byte[] content) {
        byte[] length = ByteBuffer.allocate(4).putInt(content.length).array();
        return join(Arrays.copyOfRange(length, 4 - width, 4), content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
