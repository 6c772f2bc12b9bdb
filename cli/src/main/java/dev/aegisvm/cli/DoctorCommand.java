package dev.aegisvm.cli;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code aegis doctor}: looks at each thing that a VM needs, and says how to mend what is wrong. */
public final class DoctorCommand implements Verb {
    private static final String INDENT = "        ";

    @Override
    public Usage usage() {
        return Usage.of("doctor", "check what is needed, and say how to mend it")
                .withJson()
                .details("Exits with 1 when something that is needed is missing. Changes and starts nothing.")
                .example("aegis doctor");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        List<DoctorCheck> checks = new ArrayList<>();
        new ProgramChecks(session.environment()).addTo(checks);
        new PlaceChecks(session).addTo(checks);
        new HostChecks(Path.of("/")).addTo(checks);
        boolean ok = true;
        for (DoctorCheck check : checks) {
            ok &= !check.isBad();
        }
        Console console = session.console();
        if (arguments.has("--json")) {
            console.line(ApiJson.write(new DoctorReport(ok, checks)));
        } else {
            console.print(text(checks, console.colours()));
        }
        return ok ? 0 : FAILED;
    }

    private static String text(List<DoctorCheck> checks, boolean colours) {
        StringBuilder text = new StringBuilder(1024);
        for (DoctorCheck check : checks) {
            String verdict = colours ? colour(check).paint(check.verdict()) : check.verdict();
            text.append(verdict)
                    .repeat(' ', 6 - check.verdict().length())
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

    private static Table.Colour colour(DoctorCheck check) {
        return switch (check.verdict()) {
            case "ok" -> Table.Colour.GREEN;
            case "note" -> Table.Colour.YELLOW;
            default -> Table.Colour.RED;
        };
    }
}
