package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.NotRunningException;

/**
 * {@code aegis up --restart}: the daemon ends and another starts, and what ran runs again.
 *
 * @param ran the instances that ran or were paused, by name or id
 */
record Restart(List<String> ran) {
    static final Restart NONE = new Restart(List.of());

    /** Ends the daemon, if there is one. What a `run` owns goes with it, as with {@code aegis down}. */
    static Restart begin(Session session) throws IOException {
        // Not the session's own client, which would advise a restart.
        try (DaemonClient old = new DaemonClient(session.home().socket())) {
            List<String> ran = old.call(Routes.LIST).stream()
                    .filter(each -> each.state() != InstanceStatus.STOPPED && !each.ephemeral())
                    .map(InstanceView::name)
                    .toList();
            DaemonProcess.end(session);
            return new Restart(ran);
        } catch (NotRunningException none) {
            return NONE;
        }
    }

    /** Starts the daemon; where that fails, says which instances it would have started. */
    StatusView daemon(Session session) throws IOException {
        try {
            return DaemonProcess.running(session);
        } catch (IOException obstacle) {
            if (!ran.isEmpty()) {
                session.console().say("aegis: these instances ran, and are stopped: " + names());
            }
            throw obstacle;
        }
    }

    private String names() {
        return Printable.of(String.join(", ", ran));
    }

    /** Starts each instance that ran; false when one could not be started, which is said. */
    boolean startInstances(Session session) throws IOException {
        boolean all = true;
        try (DaemonClient daemon = session.daemon();
                StatusLine _ = StatusLine.waiting(session.console(), "starting what ran: " + names())) {
            for (String each : ran) {
                try {
                    daemon.call(Routes.START, each);
                } catch (ApiException refusal) {
                    all = false;
                    session.console().say("aegis: " + Printable.of(each) + " ran, and does not start:");
                    session.say(refusal);
                }
            }
        }
        return all;
    }
}
