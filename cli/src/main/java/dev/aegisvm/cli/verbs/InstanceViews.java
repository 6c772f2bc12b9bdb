package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import org.jspecify.annotations.Nullable;

/** The verbs that show instances. */
public final class InstanceViews {
    private static final long MB = 1 << 20;

    private InstanceViews() {}

    public static Verb list() {
        Usage usage = Usage.of("list the instances")
                .with("--stopped", "only stopped instances")
                .with("--running", "only running instances")
                .example("aegis instance list --running");
        return Asking.showing(
                usage,
                arguments -> {
                    boolean stopped = arguments.has("--stopped");
                    boolean running = arguments.has("--running");
                    if (stopped && running) {
                        throw arguments.wrong("--stopped and --running exclude each other: give one or neither");
                    }
                    return Routes.LIST.to().query("state", stopped ? "stopped" : running ? "running" : null);
                },
                InstanceViews::table);
    }

    private static String table(List<InstanceView> instances, boolean colours) {
        TextTable table = new TextTable("ID", "HANDLE", "STATUS", "STATE", "STOPPED AT");
        for (InstanceView instance : instances) {
            table.row(
                    instance.id(),
                    instance.handle() == null ? "-" : instance.handle(),
                    instance.enabled() ? "enabled" : "disabled",
                    instance.state().wire(),
                    instance.stoppedAt() == null ? "-" : Printable.seconds(instance.stoppedAt()));
            table.colour(2, instance.enabled() ? Colour.PLAIN : Colour.GREY);
            table.colour(3, colour(instance.state()));
        }
        return table.text(colours);
    }

    static Colour colour(InstanceStatus state) {
        return switch (state) {
            case RUNNING -> Colour.GREEN;
            case STARTING, PAUSED -> Colour.YELLOW;
            case STOPPED -> Colour.GREY;
        };
    }

    public static Verb info() {
        Usage usage =
                Usage.of("show an instance in detail").operand(Value.INSTANCE).example("aegis instance info box");
        return Asking.showing(usage, arguments -> Routes.GET.to(arguments.operand()), (instance, _) -> text(instance));
    }

    private static String text(InstanceView instance) {
        StringBuilder text = new StringBuilder(512);
        row(text, "id", instance.id());
        row(text, "handle", instance.handle());
        row(text, "state", instance.state().wire());
        row(text, "reason", instance.reason());
        IdleView idle = instance.idle();
        row(text, "activity", idle == null ? null : idle.activity());
        row(text, "exit code", instance.exitCode());
        row(text, "enabled", instance.enabled() ? "yes" : "no");
        row(text, "command", Printable.command(instance.command()));
        row(text, "image", Objects.requireNonNullElse(instance.imageRef(), "aegis:base"));
        row(text, "size", instance.memoryMb() + " MB, " + instance.vcpus() + " vCPU");
        row(text, "disk", disk(instance));
        row(text, "workspace", instance.workspace());
        instance.volumes().forEach(volume -> row(text, "volume", volume));
        row(text, "endpoints", endpoints(instance));
        row(text, "HTTP router", RouterNotice.text(instance));
        row(text, "connections", instance.activeConnections());
        row(text, "idle", idle == null ? null : "pause: " + idle.pause() + ", stop: " + idle.stop());
        row(text, "created", instance.createdAt());
        row(text, "last active", instance.lastActiveAt());
        row(text, "stopped", instance.stoppedAt());
        row(text, "boot", boot(instance.boot()));
        return text.toString();
    }

    private static void row(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(name)
                    .append(':')
                    .repeat(' ', 13 - name.length())
                    .append(Printable.of(value.toString()))
                    .append('\n');
        }
    }

    private static @Nullable String disk(InstanceView instance) {
        if (instance.diskMb() == 0) {
            return null; // A daemon that does not tell.
        }
        Long used = instance.diskUsedBytes();
        return instance.diskMb() + " MB" + (used == null ? "" : ", " + (used + MB - 1) / MB + " MB used on the host");
    }

    private static @Nullable String endpoints(InstanceView instance) {
        String closed = instance.enabled()
                ? " (not reachable: another program has the port)"
                : " (closed: the instance is disabled)";
        List<String> texts = new ArrayList<>();
        for (Endpoint endpoint : instance.endpoints()) {
            texts.add(InstanceOptions.text(endpoint) + (endpoint.bound() ? "" : closed));
        }
        return texts.isEmpty() ? null : String.join(", ", texts);
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
