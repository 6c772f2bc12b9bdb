package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Platform;
import dev.aegisvm.image.oci.Descriptor;
import dev.aegisvm.image.oci.Digest;
import dev.aegisvm.image.oci.Documents;
import dev.aegisvm.image.oci.ImageSource;
import dev.aegisvm.image.oci.Manifest;
import dev.aegisvm.image.oci.ResolvedImage;
import dev.aegisvm.image.oci.VerifiedStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** An image in an OCI layout, in a directory or an archive. */
public final class LayoutSource implements ImageSource {
    static final String INDEX = "index.json";

    private final Blobs files;
    private final String where;
    private final Optional<String> tag;
    private final Platform platform;

    LayoutSource(Blobs files, String where, Optional<String> tag, Platform platform) {
        this.files = files;
        this.where = where;
        this.tag = tag;
        this.platform = platform;
    }

    /** An image in a directory. */
    public static LayoutSource in(Path directory, Optional<String> tag, Platform platform) throws ImageException {
        if (!Files.isRegularFile(directory.resolve(INDEX))) {
            throw new ImageException(
                    ImageException.Reason.NOT_FOUND,
                    "there is no OCI layout in " + directory,
                    "a layout is a directory with an index.json, as skopeo copy … oci:DIRECTORY makes it");
        }
        return new LayoutSource(new Blobs.DirectoryBlobs(directory.normalize()), directory.toString(), tag, platform);
    }

    /** The names of the images in the layout. */
    List<String> names() throws ImageException, IOException {
        return images().stream()
                .map(Descriptor::name)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    @Override
    public ResolvedImage resolve() throws ImageException, IOException {
        Descriptor descriptor = choose(images());
        Manifest manifest = manifest(descriptor);
        if (manifest.manifests() != null) {
            descriptor = Documents.choose(manifest.manifests(), platform);
            manifest = manifest(descriptor);
        }
        byte[] config = blob(manifest.configuration());
        return ResolvedImage.of(descriptor.blob(), manifest, config, platform);
    }

    private List<Descriptor> images() throws ImageException, IOException {
        Manifest index = Documents.manifest(files.read(INDEX, Documents.MAX_BYTES));
        return index.manifests() == null ? List.of() : index.manifests();
    }

    private Descriptor choose(List<Descriptor> images) throws ImageException {
        List<Descriptor> right = new ArrayList<>();
        for (Descriptor image : images) {
            if (tag.isEmpty() || image.name().equals(tag.get()) || image.name().endsWith(":" + tag.get())) {
                right.add(image);
            }
        }
        if (right.size() == 1) {
            return right.getFirst();
        }
        if (right.size() > 1 && right.stream().allMatch(image -> image.platform() != null)) {
            return Documents.choose(right, platform);
        }
        String there = images.stream().map(Descriptor::name).collect(Collectors.joining(", "));
        throw new ImageException(
                ImageException.Reason.NOT_FOUND,
                right.isEmpty()
                        ? "the layout " + where + " has no image"
                                + tag.map(t -> " named " + t).orElse("")
                        : "the layout " + where + " has " + right.size() + " images",
                there.isEmpty() ? "" : "name one of them, as in oci:DIRECTORY:TAG: " + there);
    }

    private Manifest manifest(Descriptor descriptor) throws ImageException, IOException {
        return Documents.manifest(blob(descriptor));
    }

    private byte[] blob(Descriptor descriptor) throws ImageException, IOException {
        byte[] bytes = files.read(path(descriptor), Documents.MAX_BYTES);
        if (!Digest.of(bytes).equals(descriptor.blob())) {
            throw ImageException.broken("the file " + path(descriptor) + " of the layout does not match its name");
        }
        return bytes;
    }

    @Override
    public InputStream open(Descriptor layer, Path scratch, LongConsumer progress) throws ImageException, IOException {
        return new VerifiedStream(files.open(path(layer), progress), layer.blob(), "a layer of the layout");
    }

    private static String path(Descriptor descriptor) throws ImageException {
        return "blobs/sha256/" + descriptor.blob().hex();
    }
}
