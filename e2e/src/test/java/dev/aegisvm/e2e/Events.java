package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;

/** The daemon's stream of events: a test waits for a state of an instance instead of guessing when it comes. */
final class Events implements AutoCloseable {
    private final DaemonClient client;
    private final JsonLines lines;
    private final BlockingQueue<Optional<EventView>> coming = new LinkedBlockingQueue<>();
    private final List<EventView> seen = new ArrayList<>();
    private final Instant since = Instant.now();

    private Events(DaemonClient client) throws IOException {
        this.client = client;
        this.lines = client.lines(Routes.EVENTS.to().query("follow", "true"));
        Thread.ofVirtual().name("events").start(this::read);
    }

    /** Subscribes to the events from now on. */
    static Events of(HomeFixture home) throws IOException {
        return new Events(home.client());
    }

    private void read() {
        try {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                EventView event = ApiJson.answer(EventView.class, line);
                if (!event.ts().isBefore(since)) {
                    coming.add(Optional.of(event));
                }
            }
        } catch (IOException daemonGone) {
            // Told below, as the end of the events.
        }
        coming.add(Optional.empty());
    }

    /** Waits until an instance, by name or id, enters a state; events that an earlier wait consumed do not count. */
    EventView await(String instance, String state) {
        return await(instance + " to be " + state, event -> isOf(instance, event) && state.equals(event.to()));
    }

    private static boolean isOf(String instance, EventView event) {
        return instance.equals(event.handle()) || instance.equals(event.instanceId());
    }

    /** Waits for an event. */
    EventView await(String what, Predicate<EventView> wanted) {
        try {
            while (true) {
                Optional<EventView> next = coming.poll(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS);
                if (next == null || next.isEmpty()) {
                    throw new AssertionError("waited in vain for " + what + "; there was " + seen);
                }
                seen.add(next.get());
                if (wanted.test(next.get())) {
                    return next.get();
                }
            }
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    /** The states that an instance entered, in order, up to the event waited for last. */
    List<String> statesOf(String instance) {
        return seen.stream()
                .filter(event -> isOf(instance, event))
                .map(EventView::to)
                .toList();
    }

    @Override
    public void close() throws IOException {
        lines.close();
        client.close();
    }
}
