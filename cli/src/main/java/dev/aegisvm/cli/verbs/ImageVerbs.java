package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;

/** The verbs about images. */
public final class ImageVerbs {
    /** As many digits of a digest as tell images apart. */
    private static final int DIGEST = "sha256:".length() + 12;

    private ImageVerbs() {}

    public static Verb pull() {
        Usage usage = Usage.of("pull an image, or update it")
                .operand(Value.of("<image>", Value.Kind.IMAGE))
                .withQuiet()
                .details("`aegis run --image` pulls an image that is missing, but never updates one.")
                .example("aegis image pull debian:13");
        return new Verb(usage, (arguments, session) -> {
            String name = arguments.operand();
            String source = ImageSource.of(name, "<image>", arguments);
            try (DaemonClient daemon = session.daemon()) {
                ImageView image =
                        ImageSource.fetch(daemon, source, false, session).getFirst();
                String text = name + ": " + image.digest() + ", " + Printable.bytes(image.sizeBytes());
                String shown = Printable.of(arguments.has("--quiet") ? image.digest() : text);
                session.console().line(arguments.has("--json") ? ApiJson.text(image) : shown);
                return 0;
            }
        });
    }

    public static Verb load() {
        Usage usage = Usage.of("load images from an archive or a directory")
                .operand(Value.FILE)
                .withQuiet()
                .details(
                        "Takes an archive of `docker save` or of an OCI layout, compressed or not, or a directory with a layout.")
                .example("aegis image load app.tar.gz");
        return new Verb(usage, ImageVerbs::load);
    }

    private static int load(Arguments arguments, Session session) throws IOException {
        String source = ImageSource.file(arguments.operand(), "<file>", arguments);
        Console console = session.console();
        try (DaemonClient daemon = session.daemon()) {
            List<ImageView> images = ImageSource.fetch(daemon, source, false, session);
            if (arguments.has("--json")) {
                console.line(ApiJson.write(Routes.LIST_IMAGES.answer(), images));
                return 0;
            }
            for (ImageView image : images) {
                String name = image.names().isEmpty() ? image.digest() : String.join(", ", image.names());
                String text = name + ": loaded, " + Printable.bytes(image.sizeBytes());
                console.line(Printable.of(arguments.has("--quiet") ? name : text));
            }
            return 0;
        }
    }

    public static Verb list() {
        Usage usage = Usage.of("list the images in the cache")
                .details(
                        "The size is that of the root file system. INSTANCES are made of it: as long as there are some, it stays.")
                .example("aegis image list");
        return Asking.listing(usage, _ -> Routes.LIST_IMAGES.to(), ImageView::digest, ImageVerbs::table);
    }

    private static String table(List<ImageView> images, boolean colours) {
        TextTable table = new TextTable("NAME", "DIGEST", "SIZE", "CREATED", "INSTANCES");
        for (ImageView image : images) {
            String digest = image.digest();
            for (String name : image.names().isEmpty() ? List.of("-") : image.names()) {
                table.row(
                        name,
                        digest.startsWith("sha256:") ? digest.substring(0, DIGEST) : "-",
                        Printable.bytes(image.sizeBytes()),
                        Printable.seconds(image.createdAt()),
                        image.usedBy().isEmpty() ? "-" : String.join(", ", image.usedBy()));
            }
        }
        return table.text(colours);
    }

    public static Verb delete() {
        Usage usage = Usage.of("delete images from the cache")
                .operands(Value.of("<image|digest>", Value.Kind.IMAGE))
                .details("""
                        An image that an instance uses is kept. Of an image with several names, only this name goes. AegisVM's own,
                        aegis:base and aegis:full, stay.""")
                .example("aegis image delete debian:13");
        return Asking.each(
                usage,
                "deleting",
                (daemon, name) -> daemon.call(Routes.DELETE_IMAGE.to().query("image", ImageSource.layout(name)))
                        .status());
    }

    public static Verb prune() {
        Usage usage = Usage.of("delete the images that no instance uses")
                .details("They are pulled again when they are needed.")
                .example("aegis image prune");
        return Asking.showing(usage, _ -> Routes.PRUNE_IMAGES.to(), (pruned, _) -> text(pruned));
    }

    private static String text(ImagesPruned pruned) {
        return pruned.pruned() + (pruned.pruned() == 1 ? " image" : " images") + " removed, "
                + Printable.bytes(pruned.freedBytes()) + " freed\n";
    }
}
