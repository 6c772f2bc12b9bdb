package dev.aegisvm.daemon.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EventLogTest {
    private final EventLog log = new EventLog();

    private void add(int number) {
        String because = "because of \u001b[31m\u0085 " + number;
        log.add(
                new EventView(Instant.now(), "inst-" + number, null, "stopped", "starting", because, null, null),
                Map.of());
    }

    private static LogQuery query(boolean follow, Optional<Instant> since, OptionalInt tail) {
        return LogQueryBuilder.builder().follow(follow).since(since).tail(tail).build();
    }

    private EventLog.Tail read(LogQuery query) {
        return log.read(query, (_, _) -> true);
    }

    private static final LogQuery ALL = query(false, Optional.empty(), OptionalInt.empty());

    private static List<EventView> rest(EventLog.Tail tail) throws InterruptedException {
        List<EventView> events = new ArrayList<>();
        for (Optional<EventView> next = tail.next(); next.isPresent(); next = tail.next()) {
            events.add(next.get());
        }
        return events;
    }

    @Test
    void anEventIsALineOfJson() throws Exception {
        log.add(new EventView(Instant.now(), "inst-1", "box", "running", "stopping", "it exited", 7, null), Map.of());
        String json = ApiJson.text(read(ALL).next().orElseThrow());
        assertThat(json)
                .matches("\\{\"ts\":\"[-0-9T:.]+Z\",\"instance_id\":\"inst-1\",\"handle\":\"box\",\"from\":\"running\","
                        + "\"to\":\"stopping\",\"because\":\"it exited\",\"exit_code\":7}");
    }

    @Test
    void theLatestAreRemembered() throws Exception {
        for (int i = 0; i < EventLog.KEPT + 7; i++) {
            add(i);
        }
        List<EventView> all = rest(read(ALL));
        assertThat(all).hasSize(EventLog.KEPT);
        assertThat(all.getFirst().instanceId()).isEqualTo("inst-7");
        assertThat(all.getLast().instanceId()).isEqualTo("inst-" + (EventLog.KEPT + 6));
        assertThat(all).allSatisfy(event -> assertThat(event.missed()).isNull());
    }

    @Test
    void theReaderChoosesWhatItIsToldOf() throws Exception {
        for (int number = 1; number <= 4; number++) {
            EventView view = new EventView(Instant.now(), "inst-" + number, null, "a", "b", "why", null, null);
            log.add(view, number % 2 == 0 ? Map.of("team", "a") : Map.of());
        }
        LogQuery last = query(false, Optional.empty(), OptionalInt.of(2));
        BiPredicate<EventView, Map<String, String>> team = (_, labels) -> "a".equals(labels.get("team"));
        assertThat(rest(log.read(ALL, team)).stream().map(EventView::instanceId))
                .containsExactly("inst-2", "inst-4");
        assertThat(rest(log.read(last, team)).stream().map(EventView::instanceId))
                .as("the last two of those that are wanted")
                .containsExactly("inst-2", "inst-4");
    }

    @Test
    @Timeout(60)
    void aFollowerEndsWhenItsTimeIsOver() throws Exception {
        LogQuery until = LogQueryBuilder.builder()
                .follow(true)
                .until(Optional.of(Instant.now().plusMillis(50)))
                .build();
        assertThat(rest(read(until))).isEmpty();
    }

    @Test
    void theReaderChoosesFromWhereOn() throws Exception {
        add(1);
        Instant before = Instant.now();
        await().until(() -> Instant.now().isAfter(before));
        add(2);
        assertThat(rest(read(query(false, Optional.empty(), OptionalInt.of(1)))))
                .extracting(EventView::instanceId)
                .containsExactly("inst-2");
        assertThat(rest(read(query(false, Optional.of(before.plusNanos(1)), OptionalInt.empty()))))
                .extracting(EventView::instanceId)
                .containsExactly("inst-2");
        assertThat(rest(read(query(false, Optional.empty(), OptionalInt.of(0)))))
                .isEmpty();
    }

    @Test
    void aFollowerGetsWhatComesUntilItLeaves() throws Exception {
        add(1);
        EventLog.Tail tail = read(query(true, Optional.empty(), OptionalInt.empty()));
        List<String> seen = new CopyOnWriteArrayList<>();
        Thread reader = Thread.startVirtualThread(() -> {
            try {
                for (Optional<EventView> next = tail.next(); next.isPresent(); next = tail.next()) {
                    seen.add(next.get().instanceId());
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
        await().untilAsserted(() -> assertThat(seen).containsExactly("inst-1"));
        add(2);
        await().untilAsserted(() -> assertThat(seen).containsExactly("inst-1", "inst-2"));
        tail.cancel();
        reader.join();
        add(3);
        assertThat(seen).hasSize(2);
    }

    @Test
    void oneThatIsTooSlowIsToldHowManyItMissed() throws Exception {
        add(0);
        EventLog.Tail tail = read(query(false, Optional.empty(), OptionalInt.empty()));
        tail.next();
        for (int i = 1; i <= EventLog.KEPT + 5; i++) {
            add(i);
        }
        List<EventView> rest = rest(tail);
        assertThat(rest.getFirst().missed()).isEqualTo(5);
        assertThat(rest.getFirst().because()).startsWith("5 events are missing");
        assertThat(rest.get(1).instanceId()).isEqualTo("inst-6");
        assertThat(rest).hasSize(1 + EventLog.KEPT);
    }
}
