package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.client.*;

/** A VM in which parts of {@code probes.py} run. It lives as long as this is open, and is gone when we are. */
final class AttackVm implements Closeable {
    private static final Duration LIMIT = Duration.ofSeconds(80);
    /** The VM may be hostile by now: more than that is nothing of ours. */
    private static final int LONGEST = 4096;

    private static final int MOST = 200;

    private final Session session;
    private final DaemonClient daemon;
    private final AttachedProcess main;
    final InstanceView instance;
    /** Names, and the first value that each was given. */
    final Map<String, String> said = new HashMap<>();

    AttackVm(Session session, CreateInstance request) throws IOException {
        this.session = session;
        daemon = session.client();
        main = daemon.stream(Routes.CREATE.with(request));
        instance = main.instance();
    }

    /**
     * Runs a command to its end, whose output is a name, a tab and a value in each line; the listener is told each name
     * once. Gives why it did not end as it should; empty when it did.
     */
    String run(List<String> command, BiConsumer<String, String> listener) {
        String complaint = "";
        try (DaemonClient client = session.client();
                JsonLines lines = client.lines(Routes.EXEC.with(
                        ExecRequestBuilder.builder()
                                .command(command)
                                .timeoutMs(LIMIT.toMillis())
                                .build(),
                        instance.id()))) {
            for (byte[] json = lines.next(); json != null; json = lines.next()) {
                LogEntry entry = ApiJson.answer(LogEntry.class, json);
                ExecDone end = ApiJson.answer(ExecDone.class, json);
                if (entry.stream() == LogStream.STDOUT) {
                    hear(entry.line(), listener);
                } else if (entry.stream() == LogStream.STDERR) {
                    complaint = entry.line();
                } else if (end.done()) {
                    String why =
                            end.error() == null ? "it ended with " + end.exitCode() + ": " + complaint : end.error();
                    return end.exitCode() == 0 ? "" : why;
                }
            }
            return "the daemon closed the connection";
        } catch (ApiException | IOException broken) {
            return String.valueOf(broken.getMessage());
        }
    }

    private void hear(String line, BiConsumer<String, String> listener) {
        int tab = line.indexOf('\t');
        if (tab <= 0 || line.length() > LONGEST || said.size() >= MOST) {
            return;
        }
        String name = line.substring(0, tab);
        String value = line.substring(tab + 1);
        if (said.putIfAbsent(name, value) == null) {
            listener.accept(name, value);
        }
    }

    @Override
    public void close() throws IOException {
        try (daemon) {
            main.close();
            daemon.json(Routes.DELETE.to(instance.id()));
        }
    }
}
