package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/** The verbs that show instances. */
public final class InstanceViews {
    private static final long MB = 1 << 20;

    private InstanceViews() {}

    public static Verb info() {
        Usage usage = Usage.of("show an instance in detail").operand(Value.INSTANCE);
        return Asking.showing(usage, arguments -> Routes.GET.to(arguments.operand()), (instance, _) -> text(instance));
    }

    /** {@code aegis inspect}: what {@code info --json} prints, of several. */
    public static Verb inspect() {
        Usage usage = Usage.of("show instances in detail, as JSON").operands(Value.INSTANCE);
        return new Verb(
                usage,
                (arguments, session) -> Asking.each(
                        arguments.operands(),
                        session,
                        (daemon, name) -> session.console().line(daemon.json(Routes.GET.to(name)))));
    }

    public static Verb port() {
        Usage usage = Usage.of("show by which ports of this host an instance is reached")
                .operand(Value.INSTANCE);
        return Asking.showing(
                usage, arguments -> Routes.GET.to(arguments.operand()), (instance, _) -> PortVerbs.text(instance));
    }

    private static String text(InstanceView instance) {
        StringBuilder text = new StringBuilder(512);
        row(text, "name", instance.handle());
        row(text, "id", instance.id());
        row(text, "state", instance.state().wire());
        row(text, "reason", instance.reason());
        IdleView idle = instance.idle();
        row(text, "activity", idle == null ? null : idle.activity());
        row(text, "exit code", instance.exitCode());
        row(text, "enabled", instance.enabled() ? "yes" : "no");
        row(text, "command", Printable.command(instance.command()));
        row(text, "image", InstanceLists.image(instance));
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
        row(text, "HTTP router", RouterNotice.text(instance));
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
