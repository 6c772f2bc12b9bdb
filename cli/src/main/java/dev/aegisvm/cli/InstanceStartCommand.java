package dev.aegisvm.cli;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** {@code aegis instance start}: an instance that stays, new or known. */
final class InstanceStartCommand implements Verb {
    @Override
    public Usage usage() {
        return InstanceOptions.declare(Usage.of("instance start", "start an instance that stays, new or stopped"))
                .withJson()
                .command("<cmd> [args…]", false)
                .details(
                        "A name that is known and stopped is started again as it was; then the command may be left out.")
                .example("aegis instance start --name box -- sleep 600");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        CreateInstance request = InstanceOptions.request(arguments, false);
        if (request.command().isEmpty() && request.handle() == null) {
            throw arguments.wrong("the command is missing (or --name of a stopped instance): " + usage().synopsis());
        }
        Console console = session.console();
        try (DaemonClient daemon = session.daemon()) {
            InstanceView instance = daemon.create(request);
            for (String field : Objects.requireNonNullElse(instance.ignored(), List.<String>of())) {
                console.say("aegis: the instance starts as it was; ignored: " + Printable.of(field));
            }
            console.line(
                    arguments.has("--json")
                            ? ApiJson.text(instance)
                            : instance.id() + (instance.handle() == null ? "" : " (" + instance.handle() + ")") + ": "
                                    + instance.state().wire());
            return 0;
        }
    }
}
