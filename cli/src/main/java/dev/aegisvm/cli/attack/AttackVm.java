package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** A VM that plays its part of {@code probes.py}. It lives as long as this is open, and is gone when we are. */
final class AttackVm implements Closeable {
    /** The VM may be hostile by now: more than that is nothing of ours. */
    private static final int LONGEST = 4096;

    private static final int MOST = 200;

    private final Map<String, String> said = new ConcurrentHashMap<>();
    private final Map<String, Double> came = new ConcurrentHashMap<>();
    private final Consumer<String> listener;
    private final DaemonClient daemon;
    private final AttachedProcess process;
    private final InstanceView instance;
    private @Nullable String ended;

    /** @param listener is told each name of which something was said */
    AttackVm(Session session, CreateInstance request, Consumer<String> listener) throws IOException {
        this.listener = listener;
        daemon = session.daemon();
        process = daemon.stream(Routes.CREATE.with(request));
        instance = process.instance();
        Thread.ofPlatform().daemon().name("attack").start(this::follow);
    }

    InstanceView instance() {
        return instance;
    }

    /** What was said: a name, and the first value that it was given. */
    Map<String, String> said() {
        return said;
    }

    /** When, in seconds since 1970. */
    Map<String, Double> came() {
        return came;
    }

    private void follow() {
        String why;
        try {
            ProcessExit exit = process.pump(new AttachedProcess.Sinks(
                    lines(this::hear), lines(line -> said.merge("stderr", line, (a, b) -> b)), () -> {}, _ -> {}));
            why = "its part ended with " + exit.exitCode() + ": " + said.getOrDefault("stderr", "no more was said");
        } catch (IOException | RuntimeException broken) {
            why = String.valueOf(broken.getMessage());
        }
        synchronized (this) {
            ended = why;
            notifyAll();
        }
    }

    private static WritableByteChannel lines(Consumer<String> each) {
        return Channels.newChannel(new OutputStream() {
            private final ByteArrayOutputStream line = new ByteArrayOutputStream();

            @Override
            public void write(int value) {
                if (value == '\n') {
                    each.accept(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else if (line.size() < LONGEST) {
                    line.write(value);
                }
            }
        });
    }

    private void hear(String line) {
        int tab = line.indexOf('\t');
        if (tab <= 0 || said.size() >= MOST) {
            return;
        }
        String name = line.substring(0, tab);
        came.putIfAbsent(name, System.currentTimeMillis() / 1000.0);
        synchronized (this) {
            said.putIfAbsent(name, line.substring(tab + 1));
            notifyAll();
        }
        listener.accept(name);
    }

    /**
     * Waits until something was said.
     *
     * @return why that will not come; empty when it has
     */
    synchronized String await(String name, long deadline) throws InterruptedException {
        while (!said.containsKey(name) && ended == null) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return "time was up";
            }
            wait(left);
        }
        return said.containsKey(name) ? "" : Objects.requireNonNull(ended);
    }

    /** Its part goes on, or ends. */
    void goOn() throws IOException {
        process.endStdin();
    }

    @Override
    public void close() throws IOException {
        process.close();
        daemon.close();
    }
}
