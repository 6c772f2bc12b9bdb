package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;

/** The verbs that start instances which stay: new ones, and those that are stopped. */
public final class StartVerbs {
    private StartVerbs() {}

    public static Verb start() {
        Usage usage = InstanceOptions.declare(Usage.of("start a new instance, or stopped ones"))
                .with("--no-wait", "do not wait until the main process has started")
                .with("--detach -d", "changes nothing: an instance runs in the background")
                .optionalOperands(Value.of("[name|id]…", Value.Kind.INSTANCE))
                .command("<cmd> [args…]", false)
                .details("""
                        Waits until the main process has started. If it does not, exits with 127 when there is no such command, 126
                        when it cannot be executed, 125 when its VM does not boot; a new instance is then deleted. One that is
                        stopped or disabled starts again with its disk. What is given replaces what it had (all --env together,
                        and so on); its --image and --disk cannot be changed.""")
                .example("aegis instance start --name box -- sleep 600");
        return new Verb(usage, StartVerbs::start);
    }

    private static int start(Arguments arguments, Session session) throws IOException {
        CreateInstance request = InstanceOptions.request(arguments, session);
        List<String> names = arguments.operands();
        if (!names.isEmpty() && request.handle() != null) {
            throw arguments.wrong("--name and '" + Printable.of(names.getFirst()) + "' are two names: leave one out");
        }
        if (names.isEmpty() && request.command().isEmpty() && request.handle() == null && request.imageRef() == null) {
            throw arguments.wrong(
                    "the command is missing (or the name of a stopped instance, or --image): " + arguments.synopsis());
        }
        List<CreateInstance> requests = names.isEmpty()
                ? List.of(request)
                : names.stream().map(request::withHandle).toList();
        return Asking.each(
                requests,
                session,
                (daemon, each) -> print(start(daemon, each, arguments, session), arguments, session.console()));
    }

    /** {@code aegis run -d}: starts an instance and prints its name. */
    static int detached(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            InstanceView started = start(daemon, InstanceOptions.request(arguments, session), arguments, session);
            session.console().line(arguments.has("--json") ? ApiJson.text(started) : started.name());
            return 0;
        }
    }

    public static Verb restart() {
        Usage usage = Usage.of("stop instances, and start them again")
                .withQuiet()
                .operands(Value.INSTANCE)
                .details("As `aegis instance stop` and `aegis instance start` do it; one that is stopped is started.")
                .example("aegis instance restart box");
        return new Verb(
                usage,
                (arguments, session) -> Asking.each(arguments.operands(), session, (daemon, name) -> {
                    CreateInstance again =
                            CreateInstanceBuilder.builder().handle(name).build();
                    try (StatusLine _ = StatusLine.waiting(session.console(), "stopping " + name)) {
                        daemon.call(Routes.STOP, name);
                    }
                    print(start(daemon, again, arguments, session), arguments, session.console());
                }));
    }

    private static InstanceView start(DaemonClient daemon, CreateInstance request, Arguments arguments, Session session)
            throws IOException {
        CreateInstance whole = ImageSource.fetchFor(request, daemon, session);
        String what = request.handle() == null ? "the instance" : request.handle();
        try (StatusLine _ = StatusLine.waiting(session.console(), "starting " + what)) {
            InstanceView instance = daemon.call(Routes.CREATE.with(whole).flag("wait", !arguments.has("--no-wait")));
            RouterNotice.warn(instance, session);
            return instance;
        }
    }

    private static void print(InstanceView instance, Arguments arguments, Console console) throws IOException {
        if (arguments.has("--json")) {
            console.line(ApiJson.text(instance));
            return;
        }
        if (arguments.has("--quiet")) {
            console.line(Printable.of(instance.name()));
            return;
        }
        String handle = instance.handle() == null ? "" : " (" + instance.handle() + ")";
        console.line(
                Printable.of(instance.id() + handle) + ": " + instance.state().wire());
        for (Endpoint endpoint : instance.endpoints()) {
            console.line("  ".concat(InstanceOptions.text(endpoint)));
        }
    }
}
