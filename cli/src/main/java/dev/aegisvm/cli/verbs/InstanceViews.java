package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakeView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The verbs that show instances. */
public final class InstanceViews {
    private InstanceViews() {}

    /** {@code aegis instance list}. */
    public static final class ListAll implements Verb {
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
                    arguments, session, daemon -> daemon.json(Routes.LIST.to().query("state", state)), ListAll::table);
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

    /** {@code aegis instance info}. */
    public static final class Info implements Verb {
        private static final long MB = 1 << 20;

        @Override
        public Usage usage() {
            return Usage.of("show an instance in detail")
                    .withJson()
                    .operand(Value.INSTANCE)
                    .example("aegis instance info box");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.show(
                    arguments,
                    session,
                    daemon -> daemon.json(Routes.GET, arguments.operand()),
                    (instance, _) -> text(ApiJson.answer(InstanceView.class, instance)));
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
            row(text, "image", instance.imageRef());
            row(text, "size", instance.memoryMb() + " MB, " + instance.vcpus() + " vCPU");
            row(text, "disk", disk(instance));
            row(text, "workspace", instance.workspace());
            row(text, "endpoints", endpoints(instance.endpoints(), instance.enabled()));
            row(text, "connections", instance.activeConnections());
            row(text, "idle", idle == null ? null : idle(idle));
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
            return instance.diskMb() + " MB"
                    + (used == null ? "" : ", " + (used + MB - 1) / MB + " MB used on the host");
        }

        private static String idle(IdleView idle) {
            return "pause: " + idle.pause() + ", stop: " + idle.stop();
        }

        private static @Nullable String endpoints(List<Endpoint> endpoints, boolean enabled) {
            List<String> texts = new ArrayList<>();
            for (Endpoint endpoint : endpoints) {
                texts.add(ExposeOption.text(endpoint) + state(endpoint, enabled));
            }
            return texts.isEmpty() ? null : String.join(", ", texts);
        }

        private static String state(Endpoint endpoint, boolean enabled) {
            if (endpoint.bound()) {
                return "";
            }
            return enabled ? " (not reachable: another program has the port)" : " (closed: the instance is disabled)";
        }

        private static @Nullable String boot(@Nullable BootView boot) {
            if (boot == null) {
                return null;
            }
            StringBuilder text = new StringBuilder(boot.mode());
            Double total = boot.totalMs();
            if (total != null) {
                text.append(", ").append(Math.round(total)).append(" ms");
            }
            String before = " (";
            for (Map.Entry<String, Double> stage : boot.stages().entrySet()) {
                text.append(before).append(stage.getKey()).append(' ').append(Math.round(stage.getValue()));
                before = ", ";
            }
            return text.append(boot.stages().isEmpty() ? "" : ")").toString();
        }
    }

    /** {@code aegis instance stats}: how often an instance woke up, and how fast. */
    public static final class Stats implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("show how often an instance woke up, and how fast")
                    .withJson()
                    .operand(Value.INSTANCE)
                    .details("The time is from the request until the VM runs. Counted since the daemon started.")
                    .example("aegis instance stats box");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.show(
                    arguments,
                    session,
                    daemon -> daemon.json(Routes.STATS, arguments.operand()),
                    (stats, _) -> table(ApiJson.answer(StatsView.class, stats)));
        }

        private static String table(StatsView stats) {
            Table table = new Table("WOKEN FROM", "TIMES", "FAILED", "P50", "P99");
            row(table, "paused", stats.wakes().paused());
            row(table, "stopped", stats.wakes().stopped());
            return table.text(false);
        }

        private static void row(Table table, String from, WakeView wakes) {
            table.row(
                    from,
                    Long.toString(wakes.count()),
                    Long.toString(wakes.failed()),
                    millis(wakes.p50Ms()),
                    millis(wakes.p99Ms()));
        }

        private static String millis(@Nullable Double value) {
            return value == null ? "-" : String.format(Locale.ROOT, "%.1f ms", value);
        }
    }
}
