package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;

/**
 * Tells a person at a terminal why a boot takes long (the daemon has said it in the instance's log), and that it goes on.
 * It is silent once the process runs.
 */
final class SlowBoot {
    private static final long PATIENCE_MS = 1000;
    private static final Duration LAST_WORD = Duration.ofMillis(200);

    private final CountDownLatch over = new CountDownLatch(1);
    private final String instance;
    private final Session session;
    private final Thread teller = new Thread(this::waitAndTell, "slow boot");

    private SlowBoot(String instance, Session session) {
        this.instance = instance;
        this.session = session;
    }

    static SlowBoot watch(String instance, Session session) {
        SlowBoot boot = new SlowBoot(instance, session);
        boot.teller.setDaemon(true);
        boot.teller.start();
        return boot;
    }

    /** The main process runs. */
    void over() {
        over.countDown();
        try {
            teller.join(LAST_WORD);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void waitAndTell() {
        try {
            if (!over.await(PATIENCE_MS, TimeUnit.MILLISECONDS) && Console.errIsTerminal()) {
                tell();
                try (StatusLine _ = StatusLine.waiting(session.console(), "starting the VM")) {
                    over.await();
                }
            }
        } catch (InterruptedException | ApiException | IOException nothingToTell) {
            return;
        }
    }

    private void tell() throws IOException {
        try (DaemonClient daemon = session.client();
                JsonLines entries = daemon.lines(Routes.LOGS.to(instance))) {
            for (byte[] line = entries.next(); line != null; line = entries.next()) {
                LogEntry entry = ApiJson.answer(LogEntry.class, line);
                if (entry.stream() == LogStream.SYSTEM && over.getCount() > 0) {
                    session.console().say("aegis: ".concat(Printable.of(entry.line())));
                }
            }
        }
    }
}
