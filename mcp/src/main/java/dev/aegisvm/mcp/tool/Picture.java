package dev.aegisvm.mcp.tool;

import module java.base;

/**
 * A picture that a guest made, in one of the forms that models see. Its first bytes tell form and size; nothing of it is decoded
 * on this host.
 *
 * @param bytes the whole file, as base64
 */
public record Picture(String mimeType, int width, int height, String bytes) {
    /** Of a file, in bytes: more than that, clients do not take. */
    public static final int MAX_BYTES = 700_000;
    /** Of each side, in pixels: what models see. */
    public static final int MAX_SIDE = 2000;

    private static final int MARKERS = 500;

    /** As an answer tells it. */
    public String form() {
        return mimeType + ", " + width + " x " + height;
    }

    private record Form(String mimeType, int width, int height) {}

    /** Whether bytes begin as those of a picture do. */
    public static boolean begins(byte[] bytes) {
        return form(bytes).isPresent();
    }

    /** A whole file as a picture; empty where it is none, or one that is too large to be shown. */
    public static Optional<Picture> of(byte[] bytes) {
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

    /** The same for what is in base64, or something else. */
    public static Optional<Picture> ofBase64(String text) {
        try {
            return of(Base64.getMimeDecoder().decode(text));
        } catch (IllegalArgumentException noBase64) {
            return Optional.empty();
        }
    }

    private static Optional<Form> form(byte[] bytes) {
        ByteBuffer big = ByteBuffer.wrap(bytes);
        ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        String text = new String(bytes, 0, Math.min(bytes.length, 16), StandardCharsets.ISO_8859_1);
        try {
            if (text.startsWith("\u0089PNG\r\n\u001a\n") && text.endsWith("IHDR")) {
                return Optional.of(new Form("image/png", big.getInt(16), big.getInt(20)));
            }
            if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
                return Optional.of(new Form("image/gif", little.getChar(6), little.getChar(8)));
            }
            if (text.startsWith("\u00ff\u00d8\u00ff")) {
                return jpeg(big);
            }
            return text.startsWith("RIFF") && text.startsWith("WEBPVP8", 8)
                    ? webp(little, text.charAt(15))
                    : Optional.empty();
        } catch (IndexOutOfBoundsException cut) {
            return Optional.empty();
        }
    }

    /** Goes from segment to segment, to the one that begins the frame. */
    private static Optional<Form> jpeg(ByteBuffer bytes) {
        int at = 2;
        for (int count = 0; count < MARKERS; count++) {
            int marker = bytes.getChar(at);
            if ((marker & ~0xf) == 0xffc0 && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc) {
                return Optional.of(new Form("image/jpeg", bytes.getChar(at + 7), bytes.getChar(at + 5)));
            }
            at += 2 + bytes.getChar(at + 2);
        }
        return Optional.empty();
    }

    private static Optional<Form> webp(ByteBuffer bytes, char kind) {
        int fourteenBits = 0x3fff;
        int[] size = switch (kind) {
            case ' ' -> new int[] {bytes.getChar(26) & fourteenBits, bytes.getChar(28) & fourteenBits};
            case 'L' -> new int[] {1 + (bytes.getInt(21) & fourteenBits), 1 + (bytes.getInt(21) >> 14 & fourteenBits)};
            case 'X' -> new int[] {1 + (bytes.getInt(24) & 0xffffff), 1 + (bytes.getInt(26) >>> 8)};
            default -> new int[] {0, 0};
        };
        return Optional.of(new Form("image/webp", size[0], size[1]));
    }
}
