package dev.aegisvm.cli;

import java.io.IOException;

/** {@code aegis help [command]}. */
final class HelpCommand implements Verb {
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
