package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** The verbs that start instances: {@code run}, whose instance is gone afterwards, and those whose instances stay. */
public final class StartVerbs {
    /** How long Ctrl+C waits until an instance that is being started is deleted. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(2);

    private static final String NEW = "a new instance is deleted unless its name was printed";
    /** How long a boot may take before a person is told about it. */
    private static final long PATIENCE_MS = 1000;

    private static final Duration LAST_WORD = Duration.ofMillis(200);

    private StartVerbs() {}

    public static Verb run() {
        return FollowedProcess.declare(
                        InstanceOptions.declare(Verb.of("run a command in a new VM, then delete the VM")))
                .with("--detach -d", "start it as an instance that stays, and print its name")
                .command(false)
                .besideGuest()
                .does(StartVerbs::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        if (arguments.command().isEmpty() && !arguments.has("--image")) {
            throw arguments.wrong("give a command, or an --image that has a default command: " + arguments.synopsis());
        }
        if (FollowedProcess.isDetached(arguments)) {
            session.ifInterrupted(NEW);
            InstanceView started = start(InstanceOptions.request(arguments, session), arguments, session);
            session.print(started, started.name());
            return 0;
        }
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        CreateInstance given = InstanceOptions.request(arguments, session);
        CreateInstance asked = given.with()
                .env(joined.environment(Objects.requireNonNullElse(given.env(), Map.of())))
                .ephemeral(Boolean.TRUE)
                .tty(joined.size())
                .build();
        CreateInstance request = ImageSource.fetchFor(asked, session);
        try (AttachedProcess process = session.daemon().stream(Routes.CREATE.with(request))) {
            InstanceView instance = process.instance();
            Ending.onSignal(() -> delete(instance.id(), session));
            PortVerbs.warn(instance, session);
            for (Endpoint endpoint : instance.endpoints()) {
                session.note(PortVerbs.text(endpoint));
            }
            return joined.follow(process, watchBoot(instance.id(), session));
        }
    }

    /** The end of our connection deletes it as well; so it is gone when we are. */
    private static void delete(String id, Session session) {
        CompletableFuture<Void> deleted = CompletableFuture.runAsync(() -> {
            try (DaemonClient daemon = session.client()) {
                daemon.call(Routes.DELETE, id);
            } catch (ApiException | IOException gone) {
                return;
            }
        });
        deleted.exceptionally(_ -> null)
                .completeOnTimeout(null, LEAVE_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Tells a person at a terminal why a boot takes long, by the instance's log, until what this gives is run. */
    private static Runnable watchBoot(String instance, Session session) {
        CountDownLatch over = new CountDownLatch(1);
        Thread teller =
                Thread.ofPlatform().daemon().name("slow boot").start(() -> waitAndTell(instance, session, over));
        return () -> {
            over.countDown();
            try {
                teller.join(LAST_WORD);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private static void waitAndTell(String instance, Session session, CountDownLatch over) {
        try {
            if (!over.await(PATIENCE_MS, TimeUnit.MILLISECONDS) && Console.errIsTerminal()) {
                tell(instance, session, over);
                try (StatusLine _ = StatusLine.waiting(session.console(), "starting the VM")) {
                    over.await();
                }
            }
        } catch (InterruptedException | ApiException | IOException nothingToTell) {
            return;
        }
    }

    private static void tell(String instance, Session session, CountDownLatch over) throws IOException {
        try (DaemonClient daemon = session.client();
                JsonLines entries = daemon.lines(Routes.LOGS.to(instance))) {
            for (byte[] line = entries.next(); line != null; line = entries.next()) {
                LogEntry entry = ApiJson.answer(LogEntry.class, line);
                if (entry.stream() == LogStream.SYSTEM && over.getCount() > 0) {
                    session.note(entry.line());
                }
            }
        }
    }

    public static Verb start() {
        return InstanceOptions.declare(Verb.of("start a new instance, or stopped ones"))
                .with("--no-wait", "do not wait until the main process has started")
                .with("--detach -d", "has no effect: an instance always runs in the background")
                .interrupted(NEW)
                .optionalOperands(Value.of("[name|id]…", Value.Kind.INSTANCE))
                .command(false)
                .does(StartVerbs::start);
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
        return Asking.each(requests, session, (_, each) -> print(start(each, arguments, session), session));
    }

    public static Verb restart() {
        return Verb.of("stop instances, and start them again")
                .interrupted("an instance that was stopped may still start: aegis instance list")
                .withQuiet()
                .operands(Value.INSTANCE)
                .does((arguments, session) -> Asking.each(arguments.operands(), session, (daemon, name) -> {
                    CreateInstance again =
                            CreateInstanceBuilder.builder().handle(name).build();
                    try (StatusLine _ = StatusLine.waiting(session.console(), "stopping " + name)) {
                        daemon.call(Routes.STOP, name);
                    }
                    print(start(again, arguments, session), session);
                }));
    }

    private static InstanceView start(CreateInstance request, Arguments arguments, Session session) throws IOException {
        CreateInstance whole = ImageSource.fetchFor(request, session);
        DaemonClient daemon = session.daemon();
        String name = whole.handle();
        try (StatusLine _ = name == null
                ? StatusLine.waiting(session.console(), "starting the instance")
                : waiting("starting " + name, name, session)) {
            InstanceView instance = daemon.call(Routes.CREATE.with(whole).flag("wait", !arguments.has("--no-wait")));
            PortVerbs.warn(instance, session);
            return instance;
        }
    }

    /** Says to a person what the daemon says meanwhile, in the instance's log, of what takes long: such as a copy. */
    static StatusLine waiting(String doing, String name, Session session) {
        Instant begin = Instant.now();
        return StatusLine.waiting(
                session.console(), () -> lastWord(name, begin, session).orElse(doing));
    }

    static Optional<String> lastWord(String name, Instant since, Session session) {
        RouteCall<LogEntry> question = Routes.LOGS
                .to(name)
                .query("source", "system")
                .query("since", since)
                .query("tail", 1);
        try (DaemonClient daemon = session.client();
                JsonLines entries = daemon.lines(question)) {
            byte[] last = entries.next();
            return last == null
                    ? Optional.empty()
                    : Optional.of(ApiJson.answer(LogEntry.class, last).line());
        } catch (ApiException | IOException notYet) {
            return Optional.empty();
        }
    }

    private static void print(InstanceView instance, Session session) throws IOException {
        String name = instance.handle() == null ? instance.id() : instance.handle() + " (" + instance.id() + ")";
        String endpoints = instance.endpoints().stream()
                .map(endpoint -> "\n  " + PortVerbs.text(endpoint))
                .collect(Collectors.joining());
        String whole = Printable.of(name) + ": " + instance.state().wire() + endpoints;
        session.print(instance, session.quiet() ? Printable.of(instance.name()) : whole);
    }
}
