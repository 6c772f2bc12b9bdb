package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;

/**
 * A checked path in the image: no empty part, no {@code .} or {@code ..}, nothing above the root. Each character is a
 * byte of the name, whatever its encoding.
 *
 * @param path the names on the way with slashes between them, as one string since there may be a million; empty for the
 *     root
 */
record EntryName(String path) {
    static final int MAX_PATH = 4095;
    private static final int MAX_PART = 255;

    /** Reads a name from a tar. As in a root directory, {@code /..} is {@code /}. */
    static EntryName of(String raw) throws ImageException {
        if (raw.length() > MAX_PATH) {
            throw broken(raw.substring(0, 60) + "…", "is longer than " + MAX_PATH + " bytes");
        }
        if (raw.indexOf('\0') >= 0) {
            throw broken(raw.replace('\0', '?'), "contains a NUL");
        }
        List<String> parts = new ArrayList<>();
        for (String part : raw.split("/", -1)) {
            if (part.length() > MAX_PART) {
                throw broken(raw, "has a part that is longer than " + MAX_PART + " bytes");
            }
            step(parts, part);
        }
        return new EntryName(String.join("/", parts));
    }

    private static void step(List<String> parts, String part) {
        if (part.equals("..")) {
            if (!parts.isEmpty()) {
                parts.removeLast();
            }
        } else if (!part.isEmpty() && !part.equals(".")) {
            parts.add(part);
        }
    }

    private static ImageException broken(String name, String what) {
        return ImageException.broken("the name '" + name + "' in a layer " + what);
    }

    boolean isRoot() {
        return path.isEmpty();
    }

    /** The names on the way; none for the root itself. */
    List<String> parts() {
        return isRoot() ? List.of() : List.of(path.split("/", -1));
    }

    EntryName parent() {
        return new EntryName(path.substring(0, Math.max(0, path.lastIndexOf('/'))));
    }

    String last() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    EntryName sibling(String name) {
        return new EntryName(path.substring(0, path.lastIndexOf('/') + 1) + name);
    }

    @Override
    public String toString() {
        return "/" + path;
    }
}
