package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;

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
        return Asking.showing(
                usage,
                arguments -> Routes.UNEXPOSE.to(
                        arguments.operands().getFirst(), arguments.operands().get(1)),
                (instance, _) -> text(instance));
    }

    private static PortMapping mapping(Arguments arguments) {
        String text = arguments.operands().get(1);
        return PortMapping.read(text)
                .filter(PortMapping::inRange)
                .orElseThrow(() -> arguments.wrong("'" + Printable.of(text)
                        + "' is no port: write 80, 8080:80 or 5432/tcp, with ports from 1 to " + PortMapping.MAX_PORT));
    }

    /** A line for each port. */
    static String text(InstanceView instance) {
        return instance.endpoints().stream()
                .map(endpoint -> InstanceOptions.text(endpoint) + "\n")
                .collect(Collectors.joining());
    }
}
