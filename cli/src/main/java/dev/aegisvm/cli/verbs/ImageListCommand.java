package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.ByteCount;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** {@code aegis image list}. */
public final class ImageListCommand implements Verb {
    /** As many digits of a digest as tell images apart. */
    private static final int DIGEST = "sha256:".length() + 12;

    @Override
    public Usage usage() {
        return Usage.of("image list", "list the images that are here")
                .withJson()
                .details("The size is that of the root file system. An image that instances use is not deleted.")
                .example("aegis image list");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            byte[] json = daemon.imagesJson();
            if (arguments.has("--json")) {
                session.console().line(json);
            } else {
                session.console()
                        .print(table(ApiJson.images(json), session.console().colours()));
            }
            return 0;
        }
    }

    private static String table(List<ImageView> images, boolean colours) {
        Table table = new Table("NAME", "DIGEST", "SIZE", "CREATED", "INSTANCES");
        for (ImageView image : images) {
            for (String name : image.names().isEmpty() ? List.of("-") : image.names()) {
                table.row(
                        name,
                        image.digest()
                                .substring(0, Math.min(DIGEST, image.digest().length())),
                        ByteCount.of(image.sizeBytes()),
                        image.createdAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                        Integer.toString(image.usedBy().size()));
            }
        }
        return table.text(colours);
    }
}
