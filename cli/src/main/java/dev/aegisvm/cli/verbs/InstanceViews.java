package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import org.jspecify.annotations.Nullable;

/** The verbs that list instances, and that show one in detail. */
public final class InstanceViews {
    private static final long MB = 1 << 20;
    private static final int COMMAND_WIDTH = 30;
    private static final List<String> AWAKE = List.of("starting", "running", "paused");
    /** Those that programs know come first. */
    private static final String[] COLUMNS = {
        "ID", "HANDLE", "STATUS", "STATE", "STOPPED AT", "EXIT", "AGE", "IMAGE", "NETWORK", "PORTS", "COMMAND"
    };

    private InstanceViews() {}

    public static Verb list() {
        return listing(
                filtering("list the instances")
                        .with("--stopped", "only stopped instances")
                        .with("--running", "only running instances"),
                arguments -> {
                    boolean stopped = arguments.has("--stopped");
                    boolean running = arguments.has("--running");
                    if (stopped && running) {
                        throw arguments.wrong("--stopped and --running cannot be used together");
                    }
                    return filtered(arguments, stopped ? List.of("stopped") : running ? List.of("running") : List.of());
                },
                new TextTable(COLUMNS),
                InstanceViews::whole);
    }

    public static Verb ps() {
        return listing(
                filtering("list the instances that are not stopped").with("--all -a", "also those that are stopped"),
                arguments -> {
                    boolean chosen =
                            arguments.values(Verb.FILTER).stream().anyMatch(each -> each.startsWith("status="));
                    return filtered(arguments, arguments.has("--all") || chosen ? List.of() : AWAKE);
                },
                new TextTable("NAME", "STATE", "AGE", "IMAGE", "PORTS", "COMMAND"),
                InstanceViews::brief);
    }

    /** No daemon is started to say that a home that none has had has no instances: it would need a guest. */
    private static Verb listing(
            Verb verb,
            Function<Arguments, RouteCall<List<InstanceView>>> question,
            TextTable table,
            BiConsumer<InstanceView, TextTable> row) {
        return verb.withQuiet().does((arguments, session) -> {
            RouteCall<List<InstanceView>> call = question.apply(arguments);
            AegisHome home = session.home();
            boolean isNew = Files.notExists(home.data()) && Files.notExists(home.socket());
            byte[] json = isNew ? "[]".getBytes(StandardCharsets.UTF_8) : Asking.answer(call, session);
            Asking.print(call, json, session, all -> Asking.text(all, session, InstanceView::name, table, row));
            return 0;
        });
    }

    private static Verb filtering(String summary) {
        return Verb.of(summary)
                .filtering(" -f", "only those with label=K[=V], status=STATE or name=PART; all must match");
    }

    private static RouteCall<List<InstanceView>> filtered(Arguments arguments, List<String> states) {
        RouteCall<List<InstanceView>> call = Routes.LIST.to();
        for (String state : states) {
            call = call.query("state", state);
        }
        return Asking.filter(call, arguments);
    }

    private static void whole(InstanceView instance, TextTable table) {
        table.row(
                instance.id(),
                instance.handle() == null ? "-" : instance.handle(),
                instance.enabled() ? "enabled" : "disabled",
                instance.state().wire(),
                instance.stoppedAt() == null ? "-" : Printable.seconds(instance.stoppedAt()),
                instance.exitCode() == null ? "-" : instance.exitCode().toString(),
                age(instance),
                image(instance),
                instance.network() == null ? "-" : instance.network().mode(),
                ports(instance),
                command(instance));
        table.colour(2, instance.enabled() ? Colour.PLAIN : Colour.GREY);
        table.colour(3, colour(instance.state()));
    }

    private static void brief(InstanceView instance, TextTable table) {
        table.row(instance.name(), state(instance), age(instance), image(instance), ports(instance), command(instance));
        table.colour(1, colour(instance.state()));
    }

    private static String state(InstanceView instance) {
        if (instance.state() != InstanceStatus.STOPPED) {
            return instance.state().wire();
        }
        boolean idle = instance.reason() != null && instance.reason().startsWith("idle ");
        String stopped = idle ? "stopped: idle" : "stopped";
        return (instance.enabled() ? stopped : "disabled")
                + (instance.exitCode() == null ? "" : ", exit " + Signals.exit(instance.exitCode()));
    }

    private static String age(InstanceView instance) {
        Duration age = Duration.between(instance.createdAt(), Instant.now());
        if (age.toDays() > 0) {
            return age.toDays() + "d";
        }
        if (age.toHours() > 0) {
            return age.toHours() + "h";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    }

    private static String image(InstanceView instance) {
        return instance.imageRef() == null ? "aegis:base" : instance.imageRef();
    }

    private static String ports(InstanceView instance) {
        return instance.endpoints().isEmpty()
                ? "-"
                : instance.endpoints().stream()
                        .map(endpoint -> endpoint.publicPort() + ":" + endpoint.guestPort())
                        .collect(Collectors.joining(","));
    }

    private static String command(InstanceView instance) {
        String command = Printable.command(instance.command());
        return command.length() <= COMMAND_WIDTH ? command : command.substring(0, COMMAND_WIDTH - 1) + "…";
    }

    static Colour colour(InstanceStatus state) {
        return switch (state) {
            case RUNNING -> Colour.GREEN;
            case STARTING, PAUSED -> Colour.YELLOW;
            case STOPPED -> Colour.GREY;
        };
    }

    public static Verb info() {
        Verb verb = Verb.of("show an instance in detail").operand(Value.INSTANCE);
        return Asking.showing(verb, arguments -> Routes.GET.to(arguments.operand()), InstanceViews::text);
    }

    /** {@code aegis inspect}: what {@code info --json} prints, of several. */
    public static Verb inspect() {
        return Verb.of("show instances in detail, as JSON")
                .operands(Value.INSTANCE)
                .does((arguments, session) -> Asking.each(
                        arguments.operands(),
                        session,
                        (daemon, name) -> session.console().line(daemon.json(Routes.GET.to(name)))));
    }

    private static String text(InstanceView instance) {
        StringBuilder text = new StringBuilder(512);
        row(text, "name", instance.handle());
        row(text, "id", instance.id());
        row(text, "state", instance.state().wire());
        row(text, "reason", instance.reason());
        IdleView idle = instance.idle();
        row(text, "activity", idle == null ? null : idle.activity());
        row(text, "exit code", instance.exitCode() == null ? null : Signals.exit(instance.exitCode()));
        row(text, "enabled", instance.enabled() ? "yes" : "no");
        row(text, "command", Printable.command(instance.command()));
        row(text, "image", image(instance));
        row(text, "size", instance.memoryMb() + " MB, " + instance.vcpus() + " vCPU");
        row(text, "disk", disk(instance));
        row(text, "workspace", instance.workspace());
        instance.volumes().forEach(volume -> row(text, "volume", volume));
        row(text, "directory", instance.cwd());
        row(text, "user", instance.user());
        row(text, "timeout", instance.timeoutMs() == null ? null : instance.timeoutMs() + " ms");
        row(text, "trusts", instance.trustHostCas() ? "this host's certificate authorities" : null);
        row(text, "labels", instance.labels().isEmpty() ? null : new TreeMap<>(instance.labels()));
        row(text, "endpoints", endpoints(instance));
        row(text, "HTTP router", PortVerbs.router(instance));
        row(text, "network", NetworkVerbs.policy(instance.network()));
        if (instance.network() != null) {
            instance.network().refused().forEach(refusal -> row(text, "refused", refusal));
        }
        row(text, "connections", instance.activeConnections());
        row(text, "idle", idle == null ? null : "pause: " + idle.pause() + ", stop: " + idle.stop());
        row(text, "created", instance.createdAt());
        row(text, "expires", instance.expiresAt());
        row(text, "removed", instance.autoRemove() ? "when its main process has ended" : null);
        row(text, "last active", instance.lastActiveAt());
        row(text, "stopped", instance.stoppedAt());
        row(text, "boot", boot(instance.boot()));
        return text.toString();
    }

    private static void row(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(String.format("%-14s%s%n", name + ":", Printable.of(value.toString())));
        }
    }

    private static String disk(InstanceView instance) {
        Long used = instance.diskUsedBytes();
        return instance.diskMb() + " MB" + (used == null ? "" : ", " + (used + MB - 1) / MB + " MB used on the host");
    }

    private static @Nullable String endpoints(InstanceView instance) {
        String closed = instance.enabled()
                ? " (not reachable: another program has the port)"
                : " (closed: the instance is disabled)";
        String text = instance.endpoints().stream()
                .map(endpoint -> PortVerbs.text(endpoint) + (endpoint.bound() ? "" : closed))
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String boot(@Nullable BootView boot) {
        if (boot == null) {
            return null;
        }
        List<String> stages = new ArrayList<>();
        boot.stages().forEach((stage, millis) -> stages.add(stage + " " + Math.round(millis)));
        return boot.mode()
                + (boot.totalMs() == null ? "" : ", " + Math.round(boot.totalMs()) + " ms")
                + (stages.isEmpty() ? "" : " (" + String.join(", ", stages) + ")");
    }
}
