package dev.aegisvm.api;

import module java.base;

/** Texts that stand beside the classes: scripts, tables, and what a person or a model is told. */
public final class TextResource {
    private TextResource() {}

    /** The whole of a file in UTF-8 that is beside a class. */
    public static String of(Class<?> beside, String name) {
        try (InputStream file = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
