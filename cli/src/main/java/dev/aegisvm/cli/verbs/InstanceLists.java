package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.cli.terminal.TextTable.Colour;

/** The verbs that list instances. */
public final class InstanceLists {
    private static final int COMMAND_WIDTH = 30;
    private static final List<String> AWAKE = List.of("starting", "running", "paused");

    private InstanceLists() {}

    public static Verb list() {
        Usage usage = InstanceFilter.declare(Usage.of("list the instances"))
                .with("--stopped", "only stopped instances")
                .with("--running", "only running instances");
        return Asking.listing(
                usage,
                arguments -> {
                    boolean stopped = arguments.has("--stopped");
                    boolean running = arguments.has("--running");
                    if (stopped && running) {
                        throw arguments.wrong("--stopped and --running cannot be used together");
                    }
                    return InstanceFilter.filtered(
                            arguments, stopped ? List.of("stopped") : running ? List.of("running") : List.of());
                },
                InstanceView::name,
                InstanceLists::whole);
    }

    public static Verb ps() {
        Usage usage = InstanceFilter.declare(Usage.of("list the instances that are not stopped"))
                .with("--all -a", "also those that are stopped");
        return Asking.listing(
                usage,
                arguments -> {
                    boolean chosen =
                            arguments.values(Usage.FILTER).stream().anyMatch(each -> each.startsWith("status="));
                    return InstanceFilter.filtered(arguments, arguments.has("--all") || chosen ? List.of() : AWAKE);
                },
                InstanceView::name,
                InstanceLists::brief);
    }

    /** The columns that programs know come first. */
    private static String whole(List<InstanceView> instances, boolean colours) {
        TextTable table = new TextTable(
                "ID", "HANDLE", "STATUS", "STATE", "STOPPED AT", "EXIT", "AGE", "IMAGE", "NETWORK", "PORTS", "COMMAND");
        for (InstanceView instance : instances) {
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
        return table.text(colours);
    }

    private static String brief(List<InstanceView> instances, boolean colours) {
        TextTable table = new TextTable("NAME", "STATE", "AGE", "IMAGE", "PORTS", "COMMAND");
        for (InstanceView instance : instances) {
            table.row(
                    instance.name(),
                    state(instance),
                    age(instance),
                    image(instance),
                    ports(instance),
                    command(instance));
            table.colour(1, colour(instance.state()));
        }
        return table.text(colours);
    }

    private static String state(InstanceView instance) {
        if (instance.state() != InstanceStatus.STOPPED) {
            return instance.state().wire();
        }
        boolean idle = instance.reason() != null && instance.reason().startsWith("idle ");
        String stopped = idle ? "stopped: idle" : "stopped";
        return (instance.enabled() ? stopped : "disabled")
                + (instance.exitCode() == null ? "" : ", exit " + instance.exitCode());
    }

    /** In the largest unit of which it has one. */
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

    static String image(InstanceView instance) {
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
}
