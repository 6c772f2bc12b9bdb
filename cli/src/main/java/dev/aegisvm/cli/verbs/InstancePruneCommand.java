package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.Actions.PruneView;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code aegis instance prune}: removes what has been stopped for long. */
public final class InstancePruneCommand implements Verb {
    private static final String AGE = "--stopped-older-than";

    @Override
    public Usage usage() {
        return Usage.of("delete instances that were stopped long ago")
                .with(
                        AGE,
                        Value.of("DUR", "1d", "7d", "30d"),
                        "the least time since the stop: 30s, 45m, 12h, 7d (required)")
                .withJson()
                .details("Deletes them as `aegis instance delete` does, with disks and logs, and prints which.")
                .example("aegis instance prune --stopped-older-than 7d");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        String age = age(arguments);
        boolean json = arguments.has("--json");
        try (DaemonClient daemon = session.daemon()) {
            Map<String, String> handles =
                    json ? Map.of() : handles(daemon.call(Routes.LIST.to().query("state", "stopped")));
            PruneView pruned;
            try (StatusLine _ = StatusLine.waiting(session.console(), "pruning")) {
                pruned = daemon.call(Routes.PRUNE.to().query("older_than", age));
            }
            if (json) {
                session.console().line(ApiJson.write(pruned));
            } else {
                session.console().print(text(pruned, handles, age));
            }
            return 0;
        }
    }

    private static String age(Arguments arguments) throws UsageException {
        String age = arguments.value(AGE);
        if (age == null) {
            throw arguments.wrong(AGE + " is missing: write " + AGE + " 7d");
        }
        String unit = age.isEmpty() ? "" : age.substring(age.length() - 1);
        boolean known = !unit.isEmpty() && "smhd".contains(unit);
        if (!known || InstanceOptions.number(age.substring(0, age.length() - 1)) == null) {
            throw arguments.malformed(AGE, age, AGE + " 7d (or 12h, 45m, 30s)");
        }
        return age;
    }

    private static Map<String, String> handles(List<InstanceView> stopped) {
        Map<String, String> handles = new HashMap<>();
        for (InstanceView instance : stopped) {
            String handle = instance.handle();
            if (handle != null) {
                handles.put(instance.id(), " (" + handle + ")");
            }
        }
        return handles;
    }

    private static String text(PruneView pruned, Map<String, String> handles, String age) {
        if (pruned.ids().isEmpty()) {
            return "no instance has been stopped for more than " + age + "\n";
        }
        StringBuilder text = new StringBuilder(64 * pruned.ids().size());
        for (String id : pruned.ids()) {
            text.append(Printable.of(id + handles.getOrDefault(id, ""))).append(": deleted\n");
        }
        return text.append(pruned.pruned())
                .append(pruned.pruned() == 1 ? " instance" : " instances")
                .append(" removed\n")
                .toString();
    }
}
