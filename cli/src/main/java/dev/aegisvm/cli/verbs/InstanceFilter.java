package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.client.DaemonClient;

/** Which instances a command is about: {@code --filter}. */
final class InstanceFilter {
    private InstanceFilter() {}

    static Usage declare(Usage usage) {
        return usage.filtering(" -f", "only those with label=K[=V], status=STATE or name=PART; all must match");
    }

    static RouteCall<List<InstanceView>> filtered(Arguments arguments, List<String> states) {
        RouteCall<List<InstanceView>> call = Routes.LIST.to();
        states.forEach(state -> call.query("state", state));
        return filter(call, arguments);
    }

    /** Adds what {@code --filter} says to a request that takes it. */
    static <A> RouteCall<A> filter(RouteCall<A> call, Arguments arguments) {
        for (String filter : arguments.values(Usage.FILTER)) {
            int equals = filter.indexOf('=');
            String value = filter.substring(equals + 1);
            switch (filter.substring(0, Math.max(0, equals))) {
                case "label", "name" -> call.query(filter.substring(0, equals), value);
                case "status" -> call.query("state", value.equals("exited") ? "stopped" : value);
                default ->
                    throw arguments.malformed(
                            Usage.FILTER,
                            filter,
                            "--filter status=running, --filter label=KEY=VALUE or --filter name=PART");
            }
        }
        return call;
    }

    /**
     * The instances that a command line is about: those that are named by its first operands, as many as that, or those
     * that its {@code --filter} chooses.
     */
    static List<String> chosen(Arguments arguments, int operands, Session session) throws IOException {
        if (!arguments.has(Usage.FILTER)) {
            return arguments.operands().stream().limit(operands).toList();
        }
        try (DaemonClient daemon = session.daemon()) {
            List<String> names = daemon.call(filtered(arguments, List.of())).stream()
                    .map(InstanceView::name)
                    .toList();
            if (names.isEmpty()) {
                session.note("no instance matches the filter");
            }
            return names;
        }
    }
}
