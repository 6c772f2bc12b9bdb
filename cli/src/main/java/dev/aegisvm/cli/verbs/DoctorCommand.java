package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.HostReport;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.NotRunningException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code aegis doctor}: prints what {@code aegisd --check} found, and whether a daemon answers. */
public final class DoctorCommand implements Verb {
    private static final String INDENT = "        ";

    @Override
    public Usage usage() {
        return Usage.of("check that this host has what VMs need")
                .withJson()
                .details("Says what to do about each problem. Exits with 1 when something is missing. Changes nothing.")
                .example("aegis doctor");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        List<HostReport.Check> checks = new ArrayList<>();
        addHost(session, checks);
        addDaemon(session, checks);
        HostReport report = HostReport.of(checks);
        Console console = session.console();
        if (arguments.has("--json")) {
            console.line(ApiJson.write(report));
        } else {
            console.print(text(checks, console.colours()));
        }
        return report.ok() ? 0 : FAILED;
    }

    private static void addHost(Session session, List<HostReport.Check> checks) throws IOException {
        try {
            checks.addAll(session.launcher().check().checks());
        } catch (DaemonException obstacle) {
            String mend = "make all, or make install in an installation";
            checks.add(new HostReport.Check("aegisd", "bad", String.valueOf(obstacle.getMessage()), mend));
        }
    }

    private static void addDaemon(Session session, List<HostReport.Check> checks) {
        try (DaemonClient client = session.client()) {
            StatusView status = client.call(Routes.STATUS);
            String found = "aegisd " + status.version() + " (pid " + status.pid() + ") on "
                    + session.home().socket();
            checks.add(new HostReport.Check("daemon", "ok", found, null));
            if (status.routerError() != null) {
                String means = "ports of instances work, X-Aegis-Instance does not";
                checks.add(new HostReport.Check("HTTP router", "note", status.routerError(), means));
            }
        } catch (NotRunningException none) {
            checks.add(new HostReport.Check("daemon", "ok", "not running (commands start it)", null));
        } catch (IOException | ApiException | IllegalArgumentException broken) {
            String mend = "aegis down; see " + session.home().daemonLog();
            checks.add(new HostReport.Check("daemon", "bad", String.valueOf(broken.getMessage()), mend));
        }
    }

    private static String text(List<HostReport.Check> checks, boolean colours) {
        StringBuilder text = new StringBuilder(1024);
        for (HostReport.Check check : checks) {
            String verdict = colours ? colour(check).paint(check.verdict()) : check.verdict();
            text.append(verdict)
                    .repeat(' ', Math.max(1, 6 - check.verdict().length()))
                    .append(check.name())
                    .append(": ")
                    .append(indented(check.found()))
                    .append('\n');
            if (check.mend() != null) {
                text.append(INDENT).append(indented(check.mend())).append('\n');
            }
        }
        return text.toString();
    }

    /** What a program said may have several lines. */
    private static String indented(String text) {
        return text.lines().map(line -> Printable.of(line.strip())).collect(Collectors.joining("\n" + INDENT));
    }

    private static Table.Colour colour(HostReport.Check check) {
        return switch (check.verdict()) {
            case "ok" -> Table.Colour.GREEN;
            case "note" -> Table.Colour.YELLOW;
            default -> Table.Colour.RED;
        };
    }
}
