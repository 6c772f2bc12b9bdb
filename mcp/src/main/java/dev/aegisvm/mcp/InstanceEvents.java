package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.Tool.Call;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The daemon's events, followed so that the start of an instance can be waited for. */
final class InstanceEvents implements Closeable {
    private static final long START_LIMIT_S = 180;
    private static final long TELL_EVERY_S = 2;

    private final DaemonClient client;
    private final JsonLines lines;
    private final Progress progress;
    private final BlockingQueue<EventView> events = new LinkedBlockingQueue<>();

    private InstanceEvents(DaemonClient client, JsonLines lines, Progress progress) {
        this.client = client;
        this.lines = lines;
        this.progress = progress;
        Thread.ofVirtual().name("events").start(this::read);
    }

    /** Follows from now on, on a connection of its own. */
    static InstanceEvents follow(Call call) throws IOException {
        DaemonClient client = call.client();
        return new InstanceEvents(client, client.lines(Routes.EVENTS.to().query("follow", "true")), call.progress());
    }

    private void read() {
        try {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                events.add(ApiJson.answer(EventView.class, line));
            }
        } catch (IOException closed) {
            // By us, or by a daemon that ends; whoever waits looks for itself.
            return;
        }
    }

    /** Returns when the instance is past its start, or that takes too long. Each event is a reason to look, no more. */
    void awaitStarted(DaemonClient looking, String id) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_S);
        while (looking.call(Routes.GET, id).state() == InstanceStatus.STARTING && System.nanoTime() < end) {
            awaitEvent(id);
        }
    }

    private void awaitEvent(String id) throws IOException {
        try {
            EventView event = events.poll(TELL_EVERY_S, TimeUnit.SECONDS);
            while (event != null && !event.instanceId().equals(id)) {
                event = events.poll(TELL_EVERY_S, TimeUnit.SECONDS);
            }
            progress.tell(
                    event == null
                            ? "the instance is starting; the first start of a size or an image takes longer"
                            : event.from() + " → " + event.to());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
        client.close();
    }
}
