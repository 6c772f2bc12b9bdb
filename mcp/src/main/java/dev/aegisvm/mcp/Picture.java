package dev.aegisvm.mcp;

import module java.base;

/**
 * A picture that a guest made, in one of the forms that models see. Its first bytes tell form and size; nothing of it is decoded
 * on this host.
 *
 * @param bytes the whole file, as base64
 */
record Picture(String mimeType, int width, int height, String bytes) {
    /** Of a file, in bytes: more than that, clients do not take. */
    static final int MAX_BYTES = 700_000;
    /** Of each side, in pixels: what models see. */
    static final int MAX_SIDE = 2000;

    private static final int MARKERS = 500;

    private record Form(String mimeType, int width, int height) {}

    /** Whether bytes begin as those of a picture do. */
    static boolean begins(byte[] bytes) {
        return form(bytes).isPresent();
    }

    /** A whole file as a picture; empty where it is none, or one that is too large to be shown. */
    static Optional<Picture> of(byte[] bytes) {
        return bytes.length > MAX_BYTES
                ? Optional.empty()
                : form(bytes)
                        .filter(form -> form.width() > 0 && form.width() <= MAX_SIDE)
                        .filter(form -> form.height() > 0 && form.height() <= MAX_SIDE)
                        .map(form -> new Picture(
                                form.mimeType(),
                                form.width(),
                                form.height(),
                                Base64.getEncoder().encodeToString(bytes)));
    }

    private static Optional<Form> form(byte[] bytes) {
        ByteBuffer head = ByteBuffer.wrap(bytes);
        String text = new String(bytes, 0, Math.min(bytes.length, 16), StandardCharsets.ISO_8859_1);
        try {
            if (text.startsWith("\u0089PNG\r\n\u001a\n") && text.endsWith("IHDR")) {
                return Optional.of(new Form("image/png", head.getInt(16), head.getInt(20)));
            }
            if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
                return Optional.of(new Form("image/gif", small(bytes, 6), small(bytes, 8)));
            }
            if (text.startsWith("\u00ff\u00d8\u00ff")) {
                return jpeg(head);
            }
            return text.startsWith("RIFF") && text.startsWith("WEBPVP8", 8)
                    ? webp(bytes, text.charAt(15))
                    : Optional.empty();
        } catch (IndexOutOfBoundsException cut) {
            return Optional.empty();
        }
    }

    /** Two bytes, the lower one first. */
    private static int small(byte[] bytes, int at) {
        return Byte.toUnsignedInt(bytes[at]) | Byte.toUnsignedInt(bytes[at + 1]) << 8;
    }

    /** Goes from segment to segment, to the one that begins the frame. */
    private static Optional<Form> jpeg(ByteBuffer bytes) {
        int at = 2;
        for (int count = 0; count < MARKERS; count++) {
            int marker = Short.toUnsignedInt(bytes.getShort(at));
            boolean frame =
                    marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc;
            if (frame) {
                return Optional.of(new Form(
                        "image/jpeg",
                        Short.toUnsignedInt(bytes.getShort(at + 7)),
                        Short.toUnsignedInt(bytes.getShort(at + 5))));
            }
            at += 2 + Short.toUnsignedInt(bytes.getShort(at + 2));
        }
        return Optional.empty();
    }

    private static Optional<Form> webp(byte[] bytes, char kind) {
        int fourteenBits = 0x3fff;
        return switch (kind) {
            case ' ' ->
                Optional.of(new Form("image/webp", small(bytes, 26) & fourteenBits, small(bytes, 28) & fourteenBits));
            case 'L' -> {
                int bits = small(bytes, 21) | small(bytes, 23) << 16;
                yield Optional.of(new Form("image/webp", (bits & fourteenBits) + 1, (bits >> 14 & fourteenBits) + 1));
            }
            case 'X' ->
                Optional.of(new Form(
                        "image/webp",
                        1 + (small(bytes, 24) | Byte.toUnsignedInt(bytes[26]) << 16),
                        1 + (small(bytes, 27) | Byte.toUnsignedInt(bytes[29]) << 16)));
            default -> Optional.empty();
        };
    }
}
