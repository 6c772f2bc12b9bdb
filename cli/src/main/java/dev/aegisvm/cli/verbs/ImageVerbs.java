package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;

/** The verbs about images: how they come into the cache, are listed, saved and removed. */
public final class ImageVerbs {
    /** As many digits of a digest as tell images apart. */
    private static final int DIGEST = "sha256:".length() + 12;

    private ImageVerbs() {}

    public static Verb pull() {
        return Verb.of("pull an image, or update it")
                .interrupted(ImageSource.UNFINISHED)
                .operand(Value.of("<image>", Value.Kind.IMAGE))
                .withQuiet()
                .does((arguments, session) -> {
                    String name = arguments.operand();
                    String source = ImageSource.of(name, "<image>", arguments);
                    print(ImageSource.fetch(source, false, session), name, session);
                    return 0;
                });
    }

    /** The one image that there is now, by the name that it was asked for. */
    private static void print(List<ImageView> images, String name, Session session) throws IOException {
        ImageView image = images.getFirst();
        String text = name + ": " + image.digest() + ", " + Printable.bytes(image.sizeBytes());
        session.print(image, Printable.of(session.quiet() ? image.digest() : text));
    }

    public static Verb load() {
        return Verb.of("load images from an archive or a directory")
                .interrupted(ImageSource.UNFINISHED)
                .operand(Value.FILE)
                .withQuiet()
                .does(ImageVerbs::load);
    }

    private static int load(Arguments arguments, Session session) throws IOException {
        String source = ImageSource.file(arguments.operand(), "<file>", arguments);
        Console console = session.console();
        List<ImageView> images = ImageSource.fetch(source, false, session);
        if (session.json()) {
            console.line(ApiJson.write(Routes.LIST_IMAGES.answer(), images));
            return 0;
        }
        for (ImageView image : images) {
            String name = image.names().isEmpty() ? image.digest() : String.join(", ", image.names());
            String text = name + ": loaded, " + Printable.bytes(image.sizeBytes());
            console.line(Printable.of(session.quiet() ? name : text));
        }
        return 0;
    }

    public static Verb save() {
        return Verb.of("create an image from an instance")
                .interrupted(ImageSource.UNFINISHED)
                .with("--flatten", "as one layer")
                .with("--output -o FILE", "write it to an archive as well")
                .operand(Value.INSTANCE)
                .operand(Value.of("<image>"))
                .withQuiet()
                .does((arguments, session) -> {
                    String instance = arguments.operand();
                    String name = arguments.operands().getLast();
                    SaveImage request = new SaveImage(
                            name, arguments.flag("--flatten"), arguments.read("--output", ImageSource::absolute));
                    RouteCall<ImageProgress> save = Routes.SAVE_IMAGE.with(request, instance);
                    print(ImageSource.follow(save, session, "saving " + instance), name, session);
                    return 0;
                });
    }

    public static Verb list() {
        return Asking.listing(
                Verb.of("list the images in the cache"),
                _ -> Routes.LIST_IMAGES.to(),
                ImageView::digest,
                new TextTable("NAME", "DIGEST", "SIZE", "CREATED", "INSTANCES"),
                ImageVerbs::row);
    }

    private static void row(ImageView image, TextTable table) {
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

    public static Verb delete() {
        return Asking.each(
                Verb.of("delete images from the cache").operands(Value.of("<image|digest>", Value.Kind.IMAGE)),
                "deleting",
                _ -> (daemon, name) -> daemon.call(Routes.DELETE_IMAGE.to().query("image", ImageSource.layout(name)))
                        .status());
    }

    public static Verb prune() {
        return Asking.pruning(
                Verb.of("delete the images that no instance uses"),
                "Delete all unused images? Images from `image save` and `image load` cannot be pulled again.",
                _ -> Routes.PRUNE_IMAGES.to(),
                pruned -> pruned.pruned() + (pruned.pruned() == 1 ? " image" : " images") + " removed, "
                        + Printable.bytes(pruned.freedBytes()) + " freed\n");
    }
}
