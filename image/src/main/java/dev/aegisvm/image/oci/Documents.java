package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Platform;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads the JSON documents of images. They are not trusted, so size and depth have bounds. */
public final class Documents {
    /** More than registries accept for a manifest or a configuration. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final int MAX_DEPTH = 64;

    private static final Jsonb JSON = Jsonb.builder().build();
    private static final JsonType<Manifest> MANIFEST = JSON.type(Manifest.class);
    private static final JsonType<ConfigFile> CONFIG = JSON.type(ConfigFile.class);

    private Documents() {}

    public static Manifest manifest(byte[] json) throws ImageException {
        Manifest manifest = read(MANIFEST, json, "manifest");
        if (manifest.manifests() == null && (manifest.config() == null || manifest.layers() == null)) {
            throw ImageException.broken("the manifest is of an unknown kind (schema version " + manifest.schemaVersion()
                    + "); OCI images and Docker's of schema 2 are supported");
        }
        return manifest;
    }

    public static ConfigFile config(byte[] json) throws ImageException {
        return read(CONFIG, json, "configuration");
    }

    /** Reads any document. */
    public static <T> T read(JsonType<T> type, byte[] json, String what) throws ImageException {
        checkDepth(json, what);
        try {
            return type.fromJson(json);
        } catch (JsonException | IllegalStateException | NullPointerException | IndexOutOfBoundsException malformed) {
            throw ImageException.broken("the image's " + what + " cannot be read: " + malformed.getMessage());
        }
    }

    /** The manifest for a platform in an index. */
    public static Descriptor choose(List<Descriptor> manifests, Platform platform) throws ImageException {
        Optional<Descriptor> right = manifests.stream()
                .filter(manifest -> manifest.platform() instanceof Descriptor.Runs(var os, var architecture, var _)
                        && platform.os().equals(os)
                        && platform.architecture().equals(architecture))
                .findFirst();
        if (right.isPresent()) {
            return right.get();
        }
        List<Descriptor> silent = manifests.stream()
                .filter(manifest -> manifest.platform() == null)
                .toList();
        if (manifests.size() == 1 && silent.size() == 1) {
            return silent.getFirst();
        }
        String there = manifests.stream()
                .filter(manifest -> manifest.platform() != null)
                .map(manifest ->
                        manifest.platform().os() + "/" + manifest.platform().architecture())
                .distinct()
                .collect(Collectors.joining(", "));
        throw new ImageException(
                ImageException.Reason.WRONG_PLATFORM,
                "there is no image for " + platform + (there.isEmpty() ? "" : ", only for " + there),
                "build or push it for " + platform);
    }

    private static void checkDepth(byte[] json, String what) throws ImageException {
        int depth = 0;
        boolean text = false;
        for (int i = 0; i < json.length; i++) {
            byte b = json[i];
            if (text) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    text = false;
                }
            } else if (b == '"') {
                text = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
            if (depth > MAX_DEPTH) {
                throw ImageException.broken("the image's " + what + " nests too deep");
            }
        }
    }
}
