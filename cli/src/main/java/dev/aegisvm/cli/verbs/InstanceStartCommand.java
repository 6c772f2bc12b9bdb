package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** {@code aegis instance start}: an instance that stays, new or known. */
public final class InstanceStartCommand implements Verb {
    @Override
    public Usage usage() {
        return InstanceOptions.declare(Usage.of("start a new or stopped instance"))
                .withJson()
                .command("<cmd> [args…]", false)
                .details("""
                        An instance of this --name that is stopped or disabled starts again as it was created; then the command
                        can be left out, and other options are ignored with a warning.""")
                .example("aegis instance start --name box -- sleep 600");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        CreateInstance request = InstanceOptions.request(arguments);
        if (request.command().isEmpty() && request.handle() == null && request.imageRef() == null) {
            throw arguments.wrong(
                    "the command is missing (or --name of a stopped instance, or --image): " + arguments.synopsis());
        }
        Console console = session.console();
        try (DaemonClient daemon = session.daemon()) {
            InstanceOptions.fetchImage(daemon, request, session);
            InstanceView instance = daemon.call(Routes.CREATE.with(request));
            warnOfIgnored(instance, console);
            console.line(
                    arguments.has("--json")
                            ? ApiJson.text(instance)
                            : instance.id() + (instance.handle() == null ? "" : " (" + instance.handle() + ")") + ": "
                                    + instance.state().wire()
                                    + endpoints(instance));
            return 0;
        }
    }

    /** Where it is reached, a line for each of its ports. */
    private static String endpoints(InstanceView instance) {
        StringBuilder lines = new StringBuilder();
        instance.endpoints().forEach(endpoint -> lines.append("\n  ").append(ExposeOption.text(endpoint)));
        return lines.toString();
    }

    private static void warnOfIgnored(InstanceView instance, Console console) {
        List<String> ignored = new ArrayList<>();
        for (String field : Objects.requireNonNullElse(instance.ignored(), List.<String>of())) {
            ignored.add(flag(field));
        }
        if (!ignored.isEmpty()) {
            console.say("aegis: it starts as it was created; ignored: " + Printable.of(String.join(", ", ignored))
                    + " (`aegis instance delete` it first to change that)");
        }
    }

    /** What the user wrote for a field of the request. */
    private static String flag(String field) {
        return switch (field) {
            case "command" -> "the command";
            case "memory_mb" -> "--memory";
            case "vcpus" -> "--cpus";
            case "disk_mb" -> "--disk";
            case "idle_pause" -> "--idle-pause";
            case "idle_stop" -> "--idle-stop";
            case "exposes" -> "--expose";
            case "secrets" -> "--secret";
            case "image_ref" -> "--image";
            default -> "--".concat(field);
        };
    }
}
