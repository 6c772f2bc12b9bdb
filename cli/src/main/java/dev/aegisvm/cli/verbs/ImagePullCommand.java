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

/** {@code aegis image pull}: what a name stands for now. */
public final class ImagePullCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("image pull", "fetch an image, or see that it is the newest of its name")
                .operand("<image>")
                .withJson()
                .details(
                        "`aegis run --image` fetches an image that is not here by itself; it does not look for a newer one.")
                .example("aegis image pull debian:13");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        String name = arguments.operand();
        try (DaemonClient daemon = session.daemon()) {
            ImageView image = new ImageArrival(session.console(), "pulling " + name)
                    .follow(daemon.pull(ImageName.absolute(name), false))
                    .getFirst();
            session.console()
                    .line(
                            arguments.has("--json")
                                    ? ApiJson.text(image)
                                    : Printable.of(name) + ": " + image.digest() + ", "
                                            + ByteCount.of(image.sizeBytes()));
            return 0;
        }
    }
}
