package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.ByteCount;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** {@code aegis image load}: images from a file. */
public final class ImageLoadCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("image load", "take in the images of an archive")
                .operand("<file>")
                .withJson()
                .details("An archive of `docker save`, or of an OCI layout, compressed or not.")
                .example("aegis image load app.tar.gz");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        String file = arguments.operand();
        try (DaemonClient daemon = session.daemon()) {
            List<ImageView> images = new ImageArrival(session.console(), "loading " + file)
                    .follow(daemon.load(Path.of(file).toAbsolutePath().normalize()));
            if (arguments.has("--json")) {
                session.console().line(new String(ApiJson.writeImages(images), StandardCharsets.UTF_8));
                return 0;
            }
            for (ImageView image : images) {
                String name = image.names().isEmpty() ? image.digest() : String.join(", ", image.names());
                session.console().line(Printable.of(name) + ": loaded, " + ByteCount.of(image.sizeBytes()));
            }
            return 0;
        }
    }
}
