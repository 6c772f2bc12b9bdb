package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis version}. */
public final class VersionCommand implements Verb {
    static final String VERSION = "0.1.0";

    @Override
    public Usage usage() {
        return Usage.of("print the version").example("aegis version");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        session.console().line("aegis ".concat(VERSION));
        return 0;
    }
}
