package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.ImageViews.ImagesPruned;
import dev.aegisvm.api.ImageViews.LoadImages;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The verbs about images. */
public final class ImageVerbs {
    private static final String LAYOUT_PREFIX = "oci:";

    private ImageVerbs() {}

    /** The name of an image with an absolute path in it: the daemon has another working directory. */
    static String absolute(String image) {
        return image.startsWith(LAYOUT_PREFIX) && image.length() > LAYOUT_PREFIX.length()
                ? LAYOUT_PREFIX
                        + Path.of(image.substring(LAYOUT_PREFIX.length()))
                                .toAbsolutePath()
                                .normalize()
                : image;
    }

    /** {@code aegis image pull}. */
    public static final class Pull implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("pull an image, or update it")
                    .operand(Value.of("<image>", Value.Kind.IMAGE))
                    .withJson()
                    .details("`aegis run --image` pulls an image that is missing, but never updates one.")
                    .example("aegis image pull debian:13");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            String name = arguments.operand();
            try (DaemonClient daemon = session.daemon()) {
                ImageView image = new ImageArrival(session.console(), "pulling " + name)
                        .follow(daemon.lines(Routes.PULL_IMAGE.with(new PullImage(absolute(name), false))))
                        .getFirst();
                session.console()
                        .line(
                                arguments.has("--json")
                                        ? ApiJson.text(image)
                                        : Printable.of(name) + ": " + image.digest() + ", "
                                                + Printable.bytes(image.sizeBytes()));
                return 0;
            }
        }
    }

    /** {@code aegis image load}. */
    public static final class Load implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("load images from an archive")
                    .operand(Value.FILE)
                    .withJson()
                    .details("Takes an archive of `docker save` or of an OCI layout, compressed or not.")
                    .example("aegis image load app.tar.gz");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            String file = arguments.operand();
            try (DaemonClient daemon = session.daemon()) {
                List<ImageView> images = new ImageArrival(session.console(), "loading " + file)
                        .follow(daemon.lines(Routes.LOAD_IMAGES.with(new LoadImages(
                                Path.of(file).toAbsolutePath().normalize().toString()))));
                if (arguments.has("--json")) {
                    session.console()
                            .line(new String(
                                    ApiJson.write(Routes.LIST_IMAGES.answer(), images), StandardCharsets.UTF_8));
                    return 0;
                }
                for (ImageView image : images) {
                    String name = image.names().isEmpty() ? image.digest() : String.join(", ", image.names());
                    session.console().line(Printable.of(name) + ": loaded, " + Printable.bytes(image.sizeBytes()));
                }
                return 0;
            }
        }
    }

    /** {@code aegis image list}. */
    public static final class ListAll implements Verb {
        /** As many digits of a digest as tell images apart. */
        private static final int DIGEST = "sha256:".length() + 12;

        @Override
        public Usage usage() {
            return Usage.of("list the images in the cache")
                    .withJson()
                    .details("The size is that of the root file system. An image that instances use cannot be deleted.")
                    .example("aegis image list");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.show(arguments, session, daemon -> daemon.json(Routes.LIST_IMAGES), ListAll::table);
        }

        private static String table(byte[] images, boolean colours) {
            Table table = new Table("NAME", "DIGEST", "SIZE", "CREATED", "INSTANCES");
            for (ImageView image : ApiJson.read(Routes.LIST_IMAGES.answer(), images)) {
                String digest = image.digest();
                for (String name : image.names().isEmpty() ? List.of("-") : image.names()) {
                    table.row(
                            name,
                            digest.substring(0, Math.min(DIGEST, digest.length())),
                            Printable.bytes(image.sizeBytes()),
                            Printable.seconds(image.createdAt()),
                            Integer.toString(image.usedBy().size()));
                }
            }
            return table.text(colours);
        }
    }

    /** {@code aegis image delete}. */
    public static final class Delete implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("delete images from the cache")
                    .operands(Value.of("<image|digest>", Value.Kind.IMAGE))
                    .details(
                            "An image that an instance uses is kept. Of an image with several names, only this name goes.")
                    .example("aegis image delete debian:13");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.each(
                    arguments.operands(),
                    session,
                    "deleting",
                    (daemon, name) -> daemon.call(Routes.DELETE_IMAGE.to().query("image", absolute(name)))
                            .status());
        }
    }

    /** {@code aegis image prune}. */
    public static final class Prune implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("delete the images that no instance uses")
                    .withJson()
                    .details("They are pulled again when they are needed.")
                    .example("aegis image prune");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            try (DaemonClient daemon = session.daemon()) {
                ImagesPruned pruned = daemon.call(Routes.PRUNE_IMAGES);
                session.console()
                        .line(
                                arguments.has("--json")
                                        ? ApiJson.text(pruned)
                                        : pruned.pruned() + (pruned.pruned() == 1 ? " image" : " images") + " removed, "
                                                + Printable.bytes(pruned.freedBytes()) + " freed");
                return 0;
            }
        }
    }
}
