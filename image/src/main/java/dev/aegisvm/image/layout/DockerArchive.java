package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Platform;
import dev.aegisvm.image.oci.Descriptor;
import dev.aegisvm.image.oci.Digest;
import dev.aegisvm.image.oci.Documents;
import dev.aegisvm.image.oci.ImageSource;
import dev.aegisvm.image.oci.ResolvedImage;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** An image in an archive of {@code docker save}. It has no manifest; the digest of its configuration identifies it. */
final class DockerArchive implements ImageSource {
    static final String MANIFEST = "manifest.json";

    private final Blobs files;
    private final SavedImage entry;
    private final Platform platform;
    private final Map<Descriptor, String> paths = new HashMap<>();

    private DockerArchive(Blobs files, SavedImage entry, Platform platform) {
        this.files = files;
        this.entry = entry;
        this.platform = platform;
    }

    static List<DockerArchive> in(Blobs files, Platform platform) throws ImageException, IOException {
        byte[] json = files.read(MANIFEST, Documents.MAX_BYTES);
        List<SavedImage> entries =
                Documents.read(Jsonb.builder().build().type(Types.listOf(SavedImage.class)), json, "table of contents");
        return entries.stream()
                .map(entry -> new DockerArchive(files, entry, platform))
                .toList();
    }

    List<String> names() {
        return entry.tags() == null ? List.of() : entry.tags();
    }

    @Override
    public ResolvedImage resolve() throws ImageException, IOException {
        if (entry.config() == null || entry.layers() == null) {
            throw ImageException.broken("the archive's manifest.json names no configuration or no layers");
        }
        byte[] config = files.read(entry.config(), Documents.MAX_BYTES);
        List<String> diffIds = Documents.config(config).diffIds();
        if (diffIds.size() != entry.layers().size()) {
            throw ImageException.broken("the archive's manifest.json and the image's configuration disagree on layers");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            String path = entry.layers().get(i);
            Descriptor layer = new Descriptor(null, diffIds.get(i), files.size(path), null, null);
            layers.add(layer);
            paths.put(layer, path);
        }
        return ResolvedImage.of(Digest.of(config), layers, config, platform);
    }

    /** The layer's digest is that of its uncompressed bytes, which is checked after decompression. */
    @Override
    public InputStream open(Descriptor layer, Path scratch, LongConsumer progress) throws ImageException, IOException {
        String path = paths.get(layer);
        if (path == null) {
            throw new IllegalStateException("a layer of another archive");
        }
        return files.open(path, progress);
    }
}
