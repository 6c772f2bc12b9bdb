package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.host.JsonShape;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Digest;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * The JSON documents of images, by the OCI image specification and Docker's older twins of it, as far as they are used
 * here. They are not trusted, so size and depth have limits.
 */
public final class Documents {
    /** More than registries accept for a manifest or a configuration. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final int MAX_DEPTH = 63;
    /** Of values in a document; each takes many times the memory of its few bytes. */
    private static final int MAX_VALUES = 50_000;

    private static final Jsonb JSON = Jsonb.builder().build();
    private static final JsonType<Manifest> MANIFEST = JSON.type(Manifest.class);
    private static final JsonType<ConfigFile> CONFIG = JSON.type(ConfigFile.class);

    private Documents() {}

    /**
     * What a tag or digest in a registry names: an index of manifests, or the manifest of one image.
     *
     * @param manifests of an index
     * @param layers of an image, the lowest first
     */
    @Json
    public record Manifest(
            int schemaVersion,
            @Nullable List<Descriptor> manifests,
            @Nullable Descriptor config,
            @Nullable List<Descriptor> layers) {
        public Manifest {
            manifests = withoutNull(manifests);
            layers = withoutNull(layers);
        }
    }

    /** The parser lets a null pass that is in a list; {@link #read} says what became of it. */
    static <T> @Nullable List<T> withoutNull(@Nullable List<T> list) {
        return list == null ? null : List.copyOf(list);
    }

    /**
     * A reference to a blob in an index or manifest.
     *
     * @param platform in an index: what the manifest's image runs on
     */
    @Json
    public record Descriptor(
            @Nullable String digest,
            long size,
            @Nullable Runs platform,
            @Nullable Map<String, String> annotations) {
        /** The annotation by which a layout names its images. */
        private static final String NAME = "org.opencontainers.image.ref.name";

        @Json
        public record Runs(@Nullable String os, @Nullable String architecture) {
            @Override
            public String toString() {
                return os + "/" + architecture;
            }
        }

        /** A blob that is known by the name of its file, and by no digest. */
        static Descriptor of(String name, long size) {
            return new Descriptor(null, size, null, Map.of(NAME, name));
        }

        Digest blob() throws ImageException {
            return Digest.parse(digest == null ? "" : digest);
        }

        String name() {
            return annotations == null ? "" : Objects.requireNonNullElse(annotations.get(NAME), "");
        }
    }

    @Json
    public record ConfigFile(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable Run config,
            @Nullable RootFs rootfs) {
        @Json
        public record Run(
                @Json.Property("Env") @Nullable List<String> env,
                @Json.Property("WorkingDir") @Nullable String workdir,
                @Json.Property("User") @Nullable String user,
                @Json.Property("Entrypoint") @Nullable List<String> entrypoint,
                @Json.Property("Cmd") @Nullable List<String> cmd) {
            public Run {
                env = withoutNull(env);
                entrypoint = withoutNull(entrypoint);
                cmd = withoutNull(cmd);
            }
        }

        /** The digests of the uncompressed layers, the lowest first. */
        @Json
        public record RootFs(
                @Json.Property("diff_ids") @Nullable List<String> diffIds) {
            public RootFs {
                diffIds = withoutNull(diffIds);
            }
        }

        Image.Config imageConfig() {
            if (config == null) {
                return new Image.Config(Map.of(), "", "", List.of(), List.of());
            }
            Map<String, String> env = new LinkedHashMap<>();
            for (String entry : orNone(config.env)) {
                int equals = entry.indexOf('=');
                if (equals > 0) {
                    env.put(entry.substring(0, equals), entry.substring(equals + 1));
                }
            }
            return new Image.Config(
                    env,
                    Objects.requireNonNullElse(config.workdir, ""),
                    Objects.requireNonNullElse(config.user, ""),
                    orNone(config.entrypoint),
                    orNone(config.cmd));
        }

        /** The digest of each uncompressed layer; empty when unknown. */
        List<String> diffIds() {
            return rootfs == null ? List.of() : orNone(rootfs.diffIds);
        }

        private static List<String> orNone(@Nullable List<String> list) {
            return list == null ? List.of() : list;
        }
    }

    static Manifest manifest(byte[] json) throws ImageException {
        Manifest manifest = read(MANIFEST, json, "manifest");
        if (manifest.manifests() == null && (manifest.config() == null || manifest.layers() == null)) {
            throw ImageException.broken("the manifest has an unknown format (schema version " + manifest.schemaVersion()
                    + "); supported are OCI images and Docker images of schema 2");
        }
        return manifest;
    }

    static ConfigFile config(byte[] json) throws ImageException {
        return read(CONFIG, json, "configuration");
    }

    static <T> T read(JsonType<T> type, byte[] json, String what) throws ImageException {
        checkShape(JsonShape.of(json), what);
        try {
            return Objects.requireNonNull(type.fromJson(json));
        } catch (JsonException | IllegalStateException | NullPointerException | IndexOutOfBoundsException malformed) {
            String why = Objects.requireNonNullElse(malformed.getMessage(), "it has a null where a value is required");
            throw ImageException.broken("the image's " + what + " cannot be read: " + why);
        }
    }

    private static void checkShape(JsonShape shape, String what) throws ImageException {
        if (shape.depth() > MAX_DEPTH) {
            throw ImageException.broken("the image's " + what + " is nested too deep");
        }
        if (shape.values() > MAX_VALUES) {
            throw ImageException.broken("the image's " + what + " has more than " + MAX_VALUES + " values");
        }
        if (shape.hasNull()) {
            throw ImageException.broken("the image's " + what + " has an entry that is null");
        }
    }

    static Descriptor choose(List<Descriptor> manifests, Platform platform) throws ImageException {
        Descriptor.Runs wanted = new Descriptor.Runs(platform.os(), platform.architecture());
        Optional<Descriptor> right = manifests.stream()
                .filter(manifest -> wanted.equals(manifest.platform()))
                .findFirst();
        if (right.isPresent()) {
            return right.get();
        }
        if (manifests.size() == 1 && manifests.getFirst().platform() == null) {
            return manifests.getFirst();
        }
        String there = manifests.stream()
                .map(Descriptor::platform)
                .filter(Objects::nonNull)
                .map(Descriptor.Runs::toString)
                .distinct()
                .collect(Collectors.joining(", "));
        throw new ImageException(
                ImageException.Reason.WRONG_PLATFORM,
                "the image is not available for " + platform + (there.isEmpty() ? "" : ", only for " + there),
                "use an image for " + platform + ", or build and push this one for it");
    }
}
