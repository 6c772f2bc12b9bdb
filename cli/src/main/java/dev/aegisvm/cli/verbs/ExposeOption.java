package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;

/** The option {@code --expose [PUBLIC:]GUEST[/http|/tcp|/grpc]}, and how what came of it is shown. */
final class ExposeOption {
    private ExposeOption() {}

    static Usage declare(Usage usage) {
        return usage.with(
                "--expose",
                Value.of("[PUBLIC:]GUEST[/PROTO]"),
                "forward a port of 127.0.0.1 to the guest; PROTO is http, tcp or grpc");
    }

    static List<PortMapping> mappings(Arguments arguments) throws UsageException {
        List<PortMapping> mappings = new ArrayList<>();
        for (String text : arguments.values("--expose")) {
            mappings.add(PortMapping.read(text)
                    .filter(PortMapping::inRange)
                    .orElseThrow(() -> arguments.wrong("malformed --expose '" + Printable.of(text)
                            + "': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to "
                            + PortMapping.MAX_PORT)));
        }
        return mappings;
    }

    /** Where it is reached: {@code 127.0.0.1:8080 → 80/http}. */
    static String text(Endpoint endpoint) {
        return "127.0.0.1:" + endpoint.publicPort() + " → " + endpoint.guestPort() + "/" + endpoint.protocol();
    }
}
