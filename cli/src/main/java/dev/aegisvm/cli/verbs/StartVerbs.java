package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** The verbs that start instances which stay: new ones, and those that are stopped. */
public final class StartVerbs {
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(2);

    private StartVerbs() {}

    public static Verb start() {
        Usage usage = InstanceOptions.declare(Usage.of("start a new instance, or stopped ones"))
                .with("--no-wait", "do not wait until the main process has started")
                .with("--detach -d", "has no effect: an instance always runs in the background")
                .optionalOperands(Value.of("[name|id]…", Value.Kind.INSTANCE))
                .command("<cmd> [args…]", false);
        return new Verb(usage, StartVerbs::start);
    }

    private static int start(Arguments arguments, Session session) throws IOException {
        CreateInstance request = InstanceOptions.request(arguments, session);
        List<String> names = arguments.operands();
        if (!names.isEmpty() && request.handle() != null) {
            throw arguments.wrong("--name and '" + Printable.of(names.getFirst()) + "' cannot be used together");
        }
        if (names.isEmpty() && request.command().isEmpty() && request.handle() == null && request.imageRef() == null) {
            throw arguments.wrong(
                    "the command is missing (or the name of a stopped instance, or --image): " + arguments.synopsis());
        }
        List<CreateInstance> requests = names.isEmpty()
                ? List.of(request)
                : names.stream().map(request::withHandle).toList();
        return Asking.each(
                requests, session, (daemon, each) -> print(start(daemon, each, arguments, session), session));
    }

    /** {@code aegis run -d}: starts an instance and prints its name. */
    static int detached(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            InstanceView started = start(daemon, InstanceOptions.request(arguments, session), arguments, session);
            session.print(started, started.name());
            return 0;
        }
    }

    public static Verb restart() {
        Usage usage =
                Usage.of("stop instances, and start them again").withQuiet().operands(Value.INSTANCE);
        return new Verb(
                usage,
                (arguments, session) -> Asking.each(arguments.operands(), session, (daemon, name) -> {
                    CreateInstance again =
                            CreateInstanceBuilder.builder().handle(name).build();
                    try (StatusLine _ = StatusLine.waiting(session.console(), "stopping " + name)) {
                        daemon.call(Routes.STOP, name);
                    }
                    print(start(daemon, again, arguments, session), session);
                }));
    }

    private static InstanceView start(DaemonClient daemon, CreateInstance request, Arguments arguments, Session session)
            throws IOException {
        CreateInstance whole = ImageSource.fetchFor(request, daemon, session);
        Ending.onSignal(() -> leave(daemon));
        try (StatusLine _ = waiting(whole, session)) {
            InstanceView instance = daemon.call(Routes.CREATE.with(whole).flag("wait", !arguments.has("--no-wait")));
            RouterNotice.warn(instance, session);
            return instance;
        }
    }

    /** The daemon deletes a new instance again if it has not answered yet; if it has, its name is printed. */
    private static void leave(DaemonClient daemon) {
        try {
            daemon.hangUp();
            Ending.awaitDone(LEAVE_LIMIT);
        } catch (IOException gone) {
            return;
        }
    }

    /** A copy of a workspace takes long, and the daemon tells in the instance's log how far it is. */
    private static StatusLine waiting(CreateInstance request, Session session) {
        String name = request.handle();
        boolean copies = Objects.requireNonNullElse(request.workspace(), "").contains(":copy");
        return name == null || !copies
                ? StatusLine.waiting(session.console(), "starting " + (name == null ? "the instance" : name))
                : StatusLine.on(session.console()).repeat(() -> lastWord(name, session), Duration.ofSeconds(1));
    }

    private static String lastWord(String name, Session session) {
        String word = "starting " + name;
        try (DaemonClient daemon = session.client();
                JsonLines entries = daemon.lines(
                        Routes.LOGS.to(name).query("source", "system").query("tail", 1))) {
            byte[] last = entries.next();
            return Printable.of(
                    last == null ? word : ApiJson.answer(LogEntry.class, last).line());
        } catch (ApiException | IOException notYet) {
            return Printable.of(word);
        }
    }

    private static void print(InstanceView instance, Session session) throws IOException {
        String name = instance.handle() == null ? instance.id() : instance.handle() + " (" + instance.id() + ")";
        String endpoints = instance.endpoints().stream()
                .map(endpoint -> "\n  " + InstanceOptions.text(endpoint))
                .collect(Collectors.joining());
        String whole = Printable.of(name) + ": " + instance.state().wire() + endpoints;
        session.print(instance, session.quiet() ? Printable.of(instance.name()) : whole);
    }
}
