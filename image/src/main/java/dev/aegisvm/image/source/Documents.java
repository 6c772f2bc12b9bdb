package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Digest;
import io.avaje.json.*;
import io.avaje.jsonb.*;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * The JSON documents of images, by the OCI image specification and Docker's older twins of it, as far as they are used
 * here. They are not trusted, so size and depth have limits.
 */
public final class Documents {
    /** More than registries accept for a manifest or a configuration. */
    private static final int MAX_BYTES = 4 * 1024 * 1024;

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
            @Nullable String mediaType,
            @Nullable List<Descriptor> manifests,
            @Nullable Descriptor config,
            @Nullable List<Descriptor> layers) {}

    @Json
    public record Platform(@Nullable String os, @Nullable String architecture) {
        /** A guest has the host's processor. */
        public static Platform ofHost() {
            return new Platform("linux", Processor.ours() == Processor.AARCH64 ? "arm64" : "amd64");
        }

        @Override
        public String toString() {
            return os + "/" + architecture;
        }
    }

    /**
     * A reference to a blob in an index or manifest.
     *
     * @param platform in an index: what the manifest's image runs on
     */
    @Json
    public record Descriptor(
            @Nullable String mediaType,
            @Nullable String digest,
            long size,
            @Nullable Platform platform,
            @Nullable Map<String, String> annotations) {
        /** The annotation by which a layout names its images. */
        public static final String NAME = "org.opencontainers.image.ref.name";

        /** A blob that is known by the name of its file, and by no digest. */
        static Descriptor of(String name, long size) {
            return new Descriptor(null, null, size, null, Map.of(NAME, name));
        }

        Digest blob() throws ImageException {
            return Digest.parse(Objects.requireNonNullElse(digest, ""));
        }

        String name() {
            return annotations == null ? "" : Objects.requireNonNullElse(annotations.get(NAME), "");
        }
    }

    @Json
    public record ConfigFile(
            @Nullable String created,
            @Nullable String os,
            @Nullable String architecture,
            @Nullable Run config,
            @Nullable RootFs rootfs) {
        @Json
        public record Run(
                @Json.Property("Env") List<String> env,
                @Json.Property("WorkingDir") String workdir,
                @Json.Property("User") String user,
                @Json.Property("Entrypoint") List<String> entrypoint,
                @Json.Property("Cmd") List<String> cmd) {
            public Run {
                env = Objects.requireNonNullElse(env, List.of());
                workdir = Objects.requireNonNullElse(workdir, "");
                user = Objects.requireNonNullElse(user, "");
                entrypoint = Objects.requireNonNullElse(entrypoint, List.of());
                cmd = Objects.requireNonNullElse(cmd, List.of());
            }
        }

        /** The digests of the uncompressed layers, the lowest first; none where they are unknown. */
        @Json
        public record RootFs(
                @Nullable String type,
                @Json.Property("diff_ids") List<String> diffIds) {
            public RootFs {
                diffIds = Objects.requireNonNullElse(diffIds, List.of());
            }
        }

        Image.Config imageConfig() {
            if (config == null) {
                return new Image.Config(Map.of(), "", "", List.of(), List.of());
            }
            Map<String, String> env = new LinkedHashMap<>();
            for (String entry : config.env) {
                int equals = entry.indexOf('=');
                if (equals > 0) {
                    env.put(entry.substring(0, equals), entry.substring(equals + 1));
                }
            }
            return new Image.Config(env, config.workdir, config.user, config.entrypoint, config.cmd);
        }

        List<String> diffIds() {
            return rootfs == null ? List.of() : rootfs.diffIds;
        }
    }

    /** All that a stream has, unless that is too much. */
    static byte[] bytes(InputStream document) throws IOException {
        try (document) {
            byte[] bytes = document.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw ImageException.tooLarge(
                        "a manifest or configuration of the image is larger than " + (MAX_BYTES >> 20) + " MB");
            }
            return bytes;
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
        try (JsonReader reader = JSON.reader(json)) {
            return Objects.requireNonNull(type.fromJson(strict(reader)));
        } catch (JsonException | IllegalStateException | NullPointerException | IndexOutOfBoundsException malformed) {
            String why = Objects.requireNonNullElse(malformed.getMessage(), "it has a null where a value is required");
            throw ImageException.broken("the image's " + what + " cannot be read: " + why);
        }
    }

    /**
     * Where an array or object should be, the parser takes a bracket at the begin of a string for theirs, and
     * {@link JsonShape} counts nothing of what is in strings. This reader refuses such a string.
     */
    private static JsonReader strict(JsonReader reader) {
        InvocationHandler checked = (_, called, arguments) -> {
            if (called.getName().startsWith("begin") && reader.currentToken() == JsonReader.Token.STRING) {
                throw new JsonDataException("a string is where a list or an object should be");
            }
            try {
                return called.invoke(reader, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getTargetException();
            }
        };
        return (JsonReader)
                Proxy.newProxyInstance(JsonReader.class.getClassLoader(), new Class<?>[] {JsonReader.class}, checked);
    }

    private static void checkShape(JsonShape shape, String what) throws ImageException {
        if (shape.depth() > MAX_DEPTH) {
            throw ImageException.broken("the image's " + what + " is nested too deep");
        }
        if (shape.values() > MAX_VALUES) {
            throw ImageException.broken("the image's " + what + " has more than " + MAX_VALUES + " values");
        }
        if (shape.isMalformed()) {
            throw ImageException.broken("the image's " + what + " is not well-formed JSON");
        }
        if (shape.hasNull()) {
            throw ImageException.broken("the image's " + what + " has an entry that is null");
        }
    }

    /** The manifest for this machine. */
    static Descriptor choose(List<Descriptor> manifests) throws ImageException {
        Platform platform = Platform.ofHost();
        Optional<Descriptor> right = manifests.stream()
                .filter(manifest -> platform.equals(manifest.platform()))
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
                .map(Platform::toString)
                .distinct()
                .collect(Collectors.joining(", "));
        throw new ImageException(
                ImageException.Reason.WRONG_PLATFORM,
                "the image is not available for " + platform + (there.isEmpty() ? "" : ", only for " + there),
                "use an image for " + platform + ", or build and push this one for it");
    }
}
