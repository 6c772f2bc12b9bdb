package dev.aegisvm.e2e;

import module java.base;

/** Archives for {@code aegis image load} that are built to exhaust whoever takes them in. */
enum HostileArchive {
    /** Twenty links on the way to each other, each of which leads 2000 directories down. */
    LINKS("longer than 4095 bytes", ofLayer(tar -> {
        StringBuilder at = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            entry(tar, 'K', "link", "b/".repeat(2000));
            entry(tar, '2', at + "l", "");
            at.append("l/");
        }
    })),
    /** Forty million directories that no entry describes. */
    PATHS("parent directories that no layer lists", ofLayer(tar -> {
        for (int i = 0; i < 20_000; i++) {
            entry(tar, 'L', "name", "d" + i + "/a".repeat(2000));
            entry(tar, '0', "file", "");
        }
    })),
    BOMB("times when it is decompressed", ofLayer(tar -> {
        header(tar, '0', "zeros", 4L << 30);
        zeros(tar, 4L << 30);
    })),
    /** A GNU long name of 1.5 GiB. */
    NAME("is not a valid tar", tar -> {
        header(tar, 'L', "name", 3L << 29);
        zeros(tar, 8192);
    }),
    ENTRIES(
            "more than 20000 files",
            tar -> tar.write(Packed.of(many -> {
                        for (int i = 0; i < 1_500_000; i++) {
                            header(many, '0', "f" + i, 0);
                        }
                    })
                    .gzip)),
    NULL("an entry that is null", tar -> entry(tar, '0', "manifest.json", "[null]"));

    private static final int BLOCK = 512;

    private final String refusal;

    @SuppressWarnings("ImmutableEnumChecker") // All are lambdas without state.
    private final Content content;

    /**
     * An archive.
     *
     * @param refusal a part of the message with which it is to be refused
     */
    HostileArchive(String refusal, Content content) {
        this.refusal = refusal;
        this.content = content;
    }

    /** Writes bytes. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    String refusal() {
        return refusal;
    }

    /** Writes it to a file. */
    Path in(Path directory) throws IOException {
        Path file = directory.resolve(name());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            content.writeTo(out);
        }
        return file;
    }

    /** One of {@code docker save}, whose image has this layer. */
    private static Content ofLayer(Content layer) {
        return tar -> {
            Packed packed = Packed.of(layer);
            entry(tar, '0', "manifest.json", "[{\"Config\":\"config\",\"Layers\":[\"layer\"]}]");
            entry(tar, '0', "config", "{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[\"" + packed.diffId + "\"]}}");
            entry(tar, '0', "layer", new String(packed.gzip, StandardCharsets.ISO_8859_1));
        };
    }

    /** A tar, compressed, and the digest of what it was before. */
    private static final class Packed {
        private final byte[] gzip;
        private final String diffId;

        private Packed(byte[] gzip, String diffId) {
            this.gzip = gzip;
            this.diffId = diffId;
        }

        static Packed of(Content tar) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            MessageDigest digest = sha256();
            try (OutputStream out =
                    new BufferedOutputStream(new DigestOutputStream(new GZIPOutputStream(bytes), digest), 1 << 16)) {
                tar.writeTo(out);
                zeros(out, 2 * BLOCK);
            }
            return new Packed(bytes.toByteArray(), "sha256:" + HexFormat.of().formatHex(digest.digest()));
        }

        private static MessageDigest sha256() throws IOException {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IOException(e);
            }
        }
    }

    /** @param content each character is a byte */
    private static void entry(OutputStream tar, char type, String name, String content) throws IOException {
        header(tar, type, name, content.length());
        tar.write(content.getBytes(StandardCharsets.ISO_8859_1));
        zeros(tar, -content.length() & (BLOCK - 1));
    }

    private static void header(OutputStream tar, char type, String name, long size) throws IOException {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(
                header,
                100,
                "0000644\0" + "0000000\0".repeat(2) + "%011o\0".formatted(size) + "00000000000\0" + " ".repeat(8));
        put(header, 156, type + "");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, 148, "%06o\0".formatted(sum));
        tar.write(header);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static void zeros(OutputStream out, long count) throws IOException {
        byte[] zeros = new byte[1 << 16];
        for (long left = count; left > 0; left -= zeros.length) {
            out.write(zeros, 0, (int) Math.min(zeros.length, left));
        }
    }
}
