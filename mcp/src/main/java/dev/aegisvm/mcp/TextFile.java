package dev.aegisvm.mcp;

import module java.base;

/** The texts beside the classes: scripts for guests, and what a model is told. */
final class TextFile {
    private TextFile() {}

    static String of(String name) {
        try (InputStream file = Objects.requireNonNull(TextFile.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
