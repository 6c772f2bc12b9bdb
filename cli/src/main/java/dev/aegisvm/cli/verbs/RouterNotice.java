package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** What is said of the HTTP router: where it listens, and that another program has its port where it does not. */
final class RouterNotice {
    private RouterNotice() {}

    /** Null when nothing is known. */
    static @Nullable String text(StatusView status) {
        return status.routerAddr() == null ? status.routerError() : "http://" + status.routerAddr();
    }

    /** How a request reaches an instance; null when none can. */
    static @Nullable String text(InstanceView instance) {
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
