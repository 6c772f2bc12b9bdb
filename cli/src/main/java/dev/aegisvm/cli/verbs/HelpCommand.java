package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.HelpText;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis help [command]}. */
public final class HelpCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("help", "show what there is").example("aegis help run");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        session.console().print(HelpText.ofAll());
        return 0;
    }
}
