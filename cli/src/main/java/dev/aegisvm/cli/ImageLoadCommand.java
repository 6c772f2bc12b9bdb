package dev.aegisvm.cli;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** {@code aegis image load}: images from a file. */
final class ImageLoadCommand implements Verb {
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
