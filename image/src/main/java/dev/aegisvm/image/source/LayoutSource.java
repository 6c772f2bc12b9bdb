package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.Documents.*;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;

/** An image in an OCI layout, in a directory or an archive. */
public final class LayoutSource implements ImageSource {
    static final String INDEX = "index.json";

    private final ImageFiles files;
    private final String where;
    private final Optional<String> tag;

    public LayoutSource(ImageFiles files, String where, Optional<String> tag) {
        this.files = files;
        this.where = where;
        this.tag = tag;
    }

    public static LayoutSource in(Path directory, Optional<String> tag) throws ImageException {
        if (!Files.isRegularFile(directory.resolve(INDEX))) {
            throw new ImageException(
                    ImageException.Reason.NOT_FOUND,
                    "there is no OCI layout in " + directory,
                    "a layout is a directory with an index.json; make one with: skopeo copy … oci:DIRECTORY");
        }
        return new LayoutSource(ImageFiles.in(directory), directory.toString(), tag);
    }

    List<String> names() throws IOException {
        return images().stream()
                .map(Descriptor::name)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    @Override
    public Set<Path> places(Path scratch) {
        return files.places();
    }

    @Override
    public ResolvedImage resolve() throws IOException {
        Digest digest = choose(images()).blob();
        return ResolvedImage.of(digest, ResolvedImage.load(this::document, "manifests", digest), this::document);
    }

    private byte[] document(String kind, Digest digest) throws IOException {
        return files.document(path(digest));
    }

    private List<Descriptor> images() throws IOException {
        Manifest index = Documents.manifest(files.document(INDEX));
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
            return Documents.choose(right);
        }
        String there = images.stream().map(Descriptor::name).collect(Collectors.joining(", "));
        throw new ImageException(
                ImageException.Reason.NOT_FOUND,
                right.isEmpty()
                        ? "the layout " + where + " has no image"
                                + tag.map(t -> " named " + t).orElse("")
                        : "the layout " + where + " has " + right.size() + " images",
                there.isEmpty() ? "" : "choose one with oci:DIRECTORY:TAG, TAG being one of: " + there);
    }

    @Override
    public Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws IOException {
        Digest digest = layer.blob().blob();
        Blob blob = files.get(path(digest));
        if (blob.size() != layer.blob().size()) {
            throw ImageException.broken("a layer has " + blob.size() + " bytes, but its manifest says "
                    + layer.blob().size());
        }
        return new Layer(blob, Optional.of(digest), layer.diffId());
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }
}
