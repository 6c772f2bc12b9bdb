package dev.aegisvm.bench;

import module java.base;

/** Archives for {@code aegis image load} that are built to exhaust whoever takes them in. */
final class HostileArchives {
    private static final int BLOCK = 512;

    private final Path scratch;
    private final Map<String, Path> archives = new LinkedHashMap<>();

    private HostileArchives(Path scratch) {
        this.scratch = scratch;
    }

    /** Writes bytes. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Makes them. */
    static Map<String, Path> in(Path scratch) throws IOException {
        HostileArchives made = new HostileArchives(scratch);
        made.make();
        return made.archives;
    }

    private void make() throws IOException {
        image("links", tar -> {
            StringBuilder at = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                entry(tar, 'K', "link", "b/".repeat(2000));
                entry(tar, '2', at + "l", "");
                at.append("l/");
            }
        });
        image("paths", tar -> {
            for (int i = 0; i < 20_000; i++) {
                entry(tar, 'L', "name", "d" + i + "/a".repeat(2000));
                entry(tar, '0', "file", "");
            }
        });
        image("bomb", tar -> {
            header(tar, '0', "zeros", 4L << 30);
            zeros(tar, 4L << 30);
        });
        archive("name", false, tar -> {
            header(tar, 'L', "name", 3L << 29);
            zeros(tar, 8192);
        });
        archive("entries", true, tar -> {
            for (int i = 0; i < 1_500_000; i++) {
                header(tar, '0', "f" + i, 0);
            }
        });
        archive("null", false, tar -> entry(tar, '0', "manifest.json", "[null]"));
    }

    private void archive(String name, boolean compressed, Content content) throws IOException {
        Path file = scratch.resolve(name);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
                OutputStream tar = compressed ? new BufferedOutputStream(new GZIPOutputStream(out)) : out) {
            content.writeTo(tar);
            zeros(tar, 2 * BLOCK);
        }
        archives.put(name, file);
    }

    /** One of {@code docker save} with a layer. */
    private void image(String name, Content layer) throws IOException {
        Path file = scratch.resolve("layer");
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
        try (OutputStream out = new BufferedOutputStream(
                new DigestOutputStream(new GZIPOutputStream(Files.newOutputStream(file)), digest))) {
            layer.writeTo(out);
            zeros(out, 2 * BLOCK);
        }
        String config = "{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[\"sha256:"
                + HexFormat.of().formatHex(digest.digest()) + "\"]}}";
        archive(name, false, tar -> {
            entry(tar, '0', "manifest.json", "[{\"Config\":\"config\",\"Layers\":[\"layer\"]}]");
            entry(tar, '0', "config", config);
            header(tar, '0', "layer", Files.size(file));
            Files.copy(file, tar);
            zeros(tar, -Files.size(file) & (BLOCK - 1));
        });
    }

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
        byte[] zeros = new byte[BLOCK];
        for (long left = count; left > 0; left -= BLOCK) {
            out.write(zeros, 0, (int) Math.min(BLOCK, left));
        }
    }
}
