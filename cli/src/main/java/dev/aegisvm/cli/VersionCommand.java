package dev.aegisvm.cli;

import java.io.IOException;

/** {@code aegis version}. */
final class VersionCommand implements Verb {
    static final String VERSION = "0.1.0";

    @Override
    public Usage usage() {
        return Usage.of("version", "print the version").example("aegis version");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        session.console().line("aegis ".concat(VERSION));
        return 0;
    }
}
