package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code aegis instance list}. */
public final class InstanceListCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("list the instances")
                .with("--stopped", "only stopped instances")
                .with("--running", "only running instances")
                .withJson()
                .example("aegis instance list --running");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        boolean stopped = arguments.has("--stopped");
        boolean running = arguments.has("--running");
        if (stopped && running) {
            throw arguments.wrong("--stopped and --running exclude each other: give one or neither");
        }
        String state = stopped ? "stopped" : running ? "running" : null;
        return Asking.show(
                arguments,
                session,
                daemon -> daemon.json(Routes.LIST.to().query("state", state)),
                InstanceListCommand::table);
    }

    private static String table(byte[] instances, boolean colours) {
        Table table = new Table("ID", "HANDLE", "STATUS", "STATE", "STOPPED AT");
        for (InstanceView instance : ApiJson.read(Routes.LIST.answer(), instances)) {
            String handle = instance.handle();
            table.row(
                    instance.id(),
                    handle == null ? "-" : handle,
                    instance.enabled() ? "enabled" : "disabled",
                    instance.state().wire(),
                    stoppedAt(instance.stoppedAt()));
            table.colour(2, instance.enabled() ? Table.Colour.PLAIN : Table.Colour.GREY);
            table.colour(3, colour(instance.state()));
        }
        return table.text(colours);
    }

    private static String stoppedAt(@Nullable Instant instant) {
        return instant == null ? "-" : Printable.seconds(instant);
    }

    private static Table.Colour colour(InstanceStatus state) {
        return switch (state) {
            case RUNNING -> Table.Colour.GREEN;
            case STARTING, PAUSED -> Table.Colour.YELLOW;
            case STOPPED -> Table.Colour.GREY;
        };
    }
}
