package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImagesPruned;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.ByteCount;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis image prune}: images that no instance is made of. */
public final class ImagePruneCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("image prune", "remove the images that no instance is made of")
                .withJson()
                .details("They are fetched again when they are wanted.")
                .example("aegis image prune");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            ImagesPruned pruned = daemon.pruneImages();
            session.console()
                    .line(
                            arguments.has("--json")
                                    ? ApiJson.text(pruned)
                                    : pruned.pruned() + (pruned.pruned() == 1 ? " image" : " images") + " removed, "
                                            + ByteCount.of(pruned.freedBytes()) + " freed");
            return 0;
        }
    }
}
