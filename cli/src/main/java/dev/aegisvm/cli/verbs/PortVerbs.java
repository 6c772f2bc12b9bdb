package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.SystemViews.StatusView;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** By what instances are reached from this host: ports, which verbs show, add and give up, and the HTTP router. */
public final class PortVerbs {
    private static final Value PORT = Value.of("[PUBLIC:]GUEST[/http|/tcp|/grpc]", "80", "8080:80", "5432/tcp");

    private PortVerbs() {}

    public static Verb port() {
        return verb(
                "show by which ports of this host an instance is reached",
                arguments -> Routes.GET.to(arguments.operand()));
    }

    public static Verb expose() {
        return verb(
                        "forward a port of this host to a port of an instance",
                        arguments -> Routes.EXPOSE.with(mapping(arguments), arguments.operand()))
                .operand(PORT);
    }

    public static Verb unexpose() {
        return verb(
                        "stop forwarding a port of this host to an instance",
                        arguments -> Routes.UNEXPOSE.to(
                                arguments.operand(), arguments.operands().get(1)))
                .operand(PORT);
    }

    /** One about an instance, which shows a line for each of its ports. */
    private static Verb verb(String summary, Function<Arguments, RouteCall<InstanceView>> question) {
        return Asking.showing(
                Verb.of(summary).operand(Value.INSTANCE),
                question,
                instance -> instance.endpoints().stream()
                        .map(endpoint -> text(endpoint) + "\n")
                        .collect(Collectors.joining()));
    }

    private static PortMapping mapping(Arguments arguments) {
        String text = arguments.operands().get(1);
        return InstanceOptions.port(text, arguments)
                .orElseThrow(() -> arguments.wrong("'" + Printable.of(text)
                        + "' is not a port: write 80, 8080:80 or 5432/tcp; ports end at " + PortMapping.MAX_PORT));
    }

    /** Where an exposed port is reached: {@code http://127.0.0.1:8080 → 80/http}. */
    static String text(Endpoint endpoint) {
        String protocol = endpoint.protocol();
        return protocol + "://127.0.0.1:" + endpoint.publicPort() + " → " + endpoint.guestPort() + "/" + protocol;
    }

    /** Where the router listens, or why it does not; null when nothing is known. */
    static @Nullable String router(StatusView status) {
        return status.routerAddr() == null ? status.routerError() : "http://" + status.routerAddr();
    }

    /** How a request reaches an instance by the router; null when none can. */
    static @Nullable String router(InstanceView instance) {
        String way = instance.routerAddr() == null
                ? "does not listen; `aegis status` says why"
                : "http://" + instance.routerAddr() + " with X-Aegis-Instance: " + instance.name();
        return instance.endpoints().isEmpty() ? null : way;
    }

    /** Warns where that matters to an instance: the router, which it could be reached by, does not listen. */
    static void warn(InstanceView instance, Session session) throws IOException {
        if (instance.routerAddr() == null && !instance.endpoints().isEmpty()) {
            try (DaemonClient daemon = session.client()) {
                warn(daemon.call(Routes.STATUS), session);
            }
        }
    }

    /** Warns on stderr that requests to the router's port reach another program, if they do. */
    static void warn(StatusView status, Session session) {
        if (status.routerError() != null) {
            session.console().say("aegis: warning: the HTTP router " + Printable.of(status.routerError()));
        }
    }
}
