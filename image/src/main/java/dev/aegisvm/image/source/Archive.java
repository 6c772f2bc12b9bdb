package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.Documents.Descriptor;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** The images in a file: an archive of {@code docker save} or of an OCI layout. */
public final class Archive {
    private static final int MAX_IMAGES = 200;
    private static final int MAX_NAMES = 1000;
    /** The table of contents that {@code docker save} writes. */
    private static final String CONTENTS = "manifest.json";

    private Archive() {}

    /** An image with what it is called in the archive, which may be nothing. */
    public record Named(ImageSource source, List<String> names) {}

    /** The images of an archive with these files, which have to stay until the images were read. */
    public static List<Named> images(Path file, Map<String, Blob> contents) throws IOException {
        List<Named> images = all(file, contents);
        if (images.size() > MAX_IMAGES
                || images.stream().mapToInt(image -> image.names().size()).sum() > MAX_NAMES) {
            throw ImageException.tooLarge(
                    file + " has more than " + MAX_IMAGES + " images, or more than " + MAX_NAMES + " image names");
        }
        return images;
    }

    private static List<Named> all(Path file, Map<String, Blob> contents) throws IOException {
        ImageFiles files = ImageFiles.of(contents);
        if (files.finder().find(CONTENTS).isPresent()) {
            JsonType<List<Entry>> table = Jsonb.builder().build().type(Types.listOf(Entry.class));
            return Documents.read(table, files.document(CONTENTS), "table of contents").stream()
                    .map(entry -> new Named(new DockerImage(files, entry), entry.tags))
                    .toList();
        }
        if (files.finder().find(LayoutSource.INDEX).isEmpty()) {
            throw ImageException.broken(
                    file + " is neither an OCI layout nor a docker save archive: it has no index.json and no"
                            + " manifest.json");
        }
        LayoutSource whole = new LayoutSource(files, file.toString(), Optional.empty());
        List<String> names = whole.names();
        if (names.size() < 2) {
            return List.of(new Named(whole, names));
        }
        return names.stream()
                .map(name -> new Named(new LayoutSource(files, file.toString(), Optional.of(name)), List.of(name)))
                .toList();
    }

    /**
     * An image in the table of contents that {@code docker save} writes.
     *
     * @param layers the files with its layers, the lowest first
     */
    @Json
    public record Entry(
            @Json.Property("Config") @Nullable String config,
            @Json.Property("RepoTags") List<String> tags,
            @Json.Property("Layers") @Nullable List<String> layers) {
        public Entry {
            tags = Objects.requireNonNullElse(tags, List.of());
        }
    }

    /** One of {@code docker save}. It has no manifest; the digest of its configuration identifies it. */
    private record DockerImage(ImageFiles files, Entry entry) implements ImageSource {
        @Override
        public Set<Path> places(Path scratch) {
            return files.places();
        }

        @Override
        public ResolvedImage resolve() throws IOException {
            if (entry.config == null || entry.layers == null) {
                throw ImageException.broken("the archive's manifest.json names no configuration or no layers");
            }
            byte[] config = files.document(entry.config);
            List<Descriptor> layers = new ArrayList<>();
            for (String path : entry.layers) {
                layers.add(Descriptor.of(path, files.get(path).size()));
            }
            ResolvedImage image = ResolvedImage.of(Digest.of(config), layers, config);
            if (image.layers().stream().anyMatch(layer -> layer.diffId().isEmpty())) {
                throw ImageException.broken("the image's configuration lists no layer digests");
            }
            return image;
        }

        /** The layer's digest is that of its uncompressed bytes, which is checked after decompression. */
        @Override
        public Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws IOException {
            return new Layer(files.get(layer.blob().name()), Optional.empty(), layer.diffId());
        }
    }
}
