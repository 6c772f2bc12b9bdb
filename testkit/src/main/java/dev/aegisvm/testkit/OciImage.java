package dev.aegisvm.testkit;

import module java.base;

/** An image of this tag in an OCI layout, a directory that may hold others; made by umoci. */
public record OciImage(Path layout, String tag) {
    public static OciImage empty(Path layout, String tag) throws IOException {
        OciImage image = new OciImage(layout, tag);
        if (Files.notExists(layout)) {
            Tool.run("umoci", "init", "--layout", layout.toString());
        }
        Tool.run("umoci", "new", "--image", image.path());
        return image;
    }

    public OciImage with(Path source, String target) throws IOException {
        Tool.run("umoci", "insert", "--image", path(), source.toString(), target);
        return this;
    }

    /** The layout and the tag, as umoci and skopeo want them. */
    public String path() {
        return layout + ":" + tag;
    }

    /** What skopeo and {@code --image} call it. */
    public String reference() {
        return "oci:" + path();
    }
}
