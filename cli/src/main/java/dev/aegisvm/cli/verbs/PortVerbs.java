package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;

/** The ports of the host by which instances are reached: shown, added, given up. */
public final class PortVerbs {
    private static final Value PORT = Value.of("[PUBLIC:]GUEST[/http|/tcp|/grpc]", "80", "8080:80", "5432/tcp");

    private PortVerbs() {}

    public static Verb expose() {
        Usage usage = Usage.of("let a port of this host lead to a port of an instance")
                .operand(Value.INSTANCE)
                .operand(PORT);
        return Asking.showing(
                usage,
                arguments -> Routes.EXPOSE.with(
                        mapping(arguments), arguments.operands().getFirst()),
                (instance, _) -> text(instance));
    }

    public static Verb unexpose() {
        Usage usage = Usage.of("give up a port of this host that leads to an instance")
                .operand(Value.INSTANCE)
                .operand(PORT);
        return new Verb(usage, (arguments, session) -> {
            PortMapping wanted = mapping(arguments);
            String name = arguments.operands().getFirst();
            try (DaemonClient daemon = session.daemon()) {
                Endpoint endpoint = find(daemon.call(Routes.GET, name), wanted, arguments);
                InstanceView left = daemon.call(Routes.UNEXPOSE, name, Integer.toString(endpoint.publicPort()));
                session.console().print(arguments.has("--json") ? ApiJson.text(left) + "\n" : text(left));
                return 0;
            }
        });
    }

    private static PortMapping mapping(Arguments arguments) {
        String text = arguments.operands().get(1);
        return PortMapping.read(text)
                .filter(PortMapping::inRange)
                .orElseThrow(() -> arguments.wrong("'" + Printable.of(text)
                        + "' is no port: write 80, 8080:80 or 5432/tcp, with ports from 1 to " + PortMapping.MAX_PORT));
    }

    private static Endpoint find(InstanceView instance, PortMapping wanted, Arguments arguments) {
        List<Endpoint> all = instance.endpoints().stream()
                .filter(each -> each.guestPort() == wanted.port())
                .filter(each -> wanted.publicPort() == null || each.publicPort() == wanted.publicPort())
                .toList();
        if (all.size() != 1) {
            String why = all.isEmpty() ? "is not exposed" : "is exposed several times: name one as PUBLIC:GUEST";
            throw arguments.wrong("port " + wanted.port() + " of " + Printable.of(instance.name()) + " " + why
                    + "; `aegis port` shows the ports");
        }
        return all.getFirst();
    }

    /** A line for each port. */
    static String text(InstanceView instance) {
        return instance.endpoints().stream()
                .map(endpoint -> InstanceOptions.text(endpoint) + "\n")
                .collect(Collectors.joining());
    }
}
