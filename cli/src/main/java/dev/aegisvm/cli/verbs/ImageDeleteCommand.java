package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis image delete}. */
public final class ImageDeleteCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("image delete", "remove images from the cache")
                .operands("<image|digest>")
                .details("One that an instance is made of is refused. An image with several names loses this one only.")
                .example("aegis image delete debian:13");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask(
                        "deleting",
                        (daemon, name) ->
                                daemon.deleteImage(ImageName.absolute(name)).status());
    }
}
