package dev.aegisvm.cli;

import java.io.IOException;

/** {@code aegis instance pause}: the VM is halted, and keeps its memory. */
final class InstancePauseCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance pause", "halt running instances where they are")
                .operands("<name|id>")
                .details(
                        "A paused VM uses no CPU and keeps its memory. `aegis instance resume` and `aegis exec` let it go on.")
                .example("aegis instance pause box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("pausing", (daemon, name) -> daemon.pause(name).status());
    }
}
