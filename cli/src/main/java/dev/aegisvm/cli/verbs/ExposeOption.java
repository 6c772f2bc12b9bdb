package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The option {@code --expose [PUBLIC:]GUEST[/http|/tcp|/grpc]}, and how what came of it is shown. */
final class ExposeOption {
    private static final Pattern FORM =
            Pattern.compile("(?:(?<public>\\d{1,5}):)?(?<guest>\\d{1,5})(?:/(?<protocol>\\w+))?");
    private static final int LAST_PORT = 65535;

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
            PortMapping mapping = mapping(text);
            if (mapping == null) {
                throw arguments.wrong("malformed --expose '" + Printable.of(text)
                        + "': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to "
                        + LAST_PORT);
            }
            mappings.add(mapping);
        }
        return mappings;
    }

    private static @Nullable PortMapping mapping(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        String publicPort = form.group("public");
        String protocol = form.group("protocol");
        PortMapping mapping = new PortMapping(
                Integer.parseInt(form.group("guest")),
                publicPort == null ? null : Integer.valueOf(publicPort),
                protocol);
        boolean ports = isPort(mapping.port()) && (publicPort == null || isPort(Integer.parseInt(publicPort)));
        boolean known = protocol == null || PortProtocol.parse(protocol).isPresent();
        return ports && known ? mapping : null;
    }

    private static boolean isPort(int number) {
        return number >= 1 && number <= LAST_PORT;
    }

    /** Where it is reached: {@code 127.0.0.1:8080 → 80/http}. */
    static String text(Endpoint endpoint) {
        return "127.0.0.1:" + endpoint.publicPort() + " → " + endpoint.guestPort() + "/" + endpoint.protocol();
    }
}
