package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;

/** The ports of the host by which instances are reached: shown, added, given up. */
public final class PortVerbs {
    private static final Value PORT = Value.of("[PUBLIC:]GUEST[/http|/tcp|/grpc]", "80", "8080:80", "5432/tcp");

    private PortVerbs() {}

    public static Verb expose() {
        return verb(
                "forward a port of this host to a port of an instance",
                (instance, arguments) -> Routes.EXPOSE.with(mapping(arguments), instance));
    }

    public static Verb unexpose() {
        return verb(
                "stop forwarding a port of this host to an instance",
                (instance, arguments) ->
                        Routes.UNEXPOSE.to(instance, arguments.operands().get(1)));
    }

    private static Verb verb(String summary, BiFunction<String, Arguments, RouteCall<InstanceView>> asked) {
        return Asking.showing(
                Usage.of(summary).operand(Value.INSTANCE).operand(PORT),
                arguments -> asked.apply(arguments.operand(), arguments),
                (instance, _) -> text(instance));
    }

    private static PortMapping mapping(Arguments arguments) {
        String text = arguments.operands().get(1);
        return InstanceOptions.port(text, arguments)
                .orElseThrow(() -> arguments.wrong("'" + Printable.of(text)
                        + "' is not a port: write 80, 8080:80 or 5432/tcp; ports end at " + PortMapping.MAX_PORT));
    }

    /** A line for each port. */
    static String text(InstanceView instance) {
        return instance.endpoints().stream()
                .map(endpoint -> InstanceOptions.text(endpoint) + "\n")
                .collect(Collectors.joining());
    }
}
