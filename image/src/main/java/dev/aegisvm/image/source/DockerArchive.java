package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.Documents.Descriptor;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** An image in an archive of {@code docker save}. It has no manifest; the digest of its configuration identifies it. */
public record DockerArchive(ImageFiles files, Entry entry, Platform platform) implements ImageSource {
    static final String MANIFEST = "manifest.json";

    /**
     * An image in the table of contents that {@code docker save} writes.
     *
     * @param layers the files with its layers, the lowest first
     */
    @Json
    public record Entry(
            @Json.Property("Config") @Nullable String config,
            @Json.Property("RepoTags") @Nullable List<String> tags,
            @Json.Property("Layers") @Nullable List<String> layers) {}

    static List<DockerArchive> in(ImageFiles files, Platform platform) throws ImageException, IOException {
        List<Entry> entries = Documents.read(
                Jsonb.builder().build().type(Types.listOf(Entry.class)),
                files.get(MANIFEST).read(Documents.MAX_BYTES),
                "table of contents");
        return entries.stream()
                .map(entry -> new DockerArchive(files, entry, platform))
                .toList();
    }

    List<String> names() {
        return entry.tags() == null ? List.of() : entry.tags();
    }

    @Override
    public Set<Path> places(Path scratch) {
        return files.places();
    }

    @Override
    public ResolvedImage resolve() throws ImageException, IOException {
        if (entry.config() == null || entry.layers() == null) {
            throw ImageException.broken("the archive's manifest.json names no configuration or no layers");
        }
        byte[] config = files.get(entry.config()).read(Documents.MAX_BYTES);
        List<Descriptor> layers = new ArrayList<>();
        for (String path : entry.layers()) {
            layers.add(Descriptor.of(path, files.get(path).size()));
        }
        ResolvedImage image = ResolvedImage.of(Digest.of(config), layers, config, platform);
        if (image.layers().stream().anyMatch(layer -> layer.diffId().isEmpty())) {
            throw ImageException.broken("the image's configuration lists no layer digests");
        }
        return image;
    }

    /** The layer's digest is that of its uncompressed bytes, which is checked after decompression. */
    @Override
    public Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws ImageException, IOException {
        return new Layer(files.get(layer.blob().name()), Optional.empty(), layer.diffId());
    }
}
