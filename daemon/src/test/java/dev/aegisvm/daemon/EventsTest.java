package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The transitions of instances, as {@code GET /v1/events} tells them. */
class EventsTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private static EventView event(String line) {
        return ApiJson.answer(EventView.class, line.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> told(String query) throws IOException {
        Http.Answer answer = daemon.http.get("/v1/events" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body()
                .lines()
                .map(EventsTest::event)
                .map(event -> event.from() + " > " + event.to() + ": " + event.because())
                .toList();
    }

    @Test
    void aLifeIsToldFromItsBeginningToItsEnd() throws IOException {
        String id = daemon.running("box");
        daemon.http.post("/v1/instances/box/pause", "");
        daemon.http.post("/v1/instances/box/resume", "");
        daemon.http.post("/v1/instances/box/disable", "");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        daemon.http.delete("/v1/instances/box");
        assertThat(told(""))
                .containsExactly(
                        "none > starting: created",
                        "starting > running: main process started",
                        "running > pausing: pause requested",
                        "pausing > paused: frozen",
                        "paused > resuming: resume requested",
                        "resuming > running: thawed",
                        "running > stopping: disable requested",
                        "stopping > disabled: the guest powered off",
                        "disabled > starting: start requested",
                        "starting > running: main process started",
                        "running > deleting: delete requested",
                        "deleting > deleted: all of its files are deleted");
        assertThat(daemon.http.get("/v1/events").body().lines().map(EventsTest::event))
                .allSatisfy(event -> {
                    assertThat(event.instanceId()).isEqualTo(id);
                    assertThat(event.handle()).isEqualTo("box");
                });
    }

    @Test
    void aFollowerIsToldWhatComes() throws IOException {
        daemon.create("{\"command\":[\"exit\",\"3\"],\"handle\":\"first\"}");
        daemon.awaitState("first", "stopped");
        try (Http.Connection follower = daemon.http.open("GET", "/v1/events?follow=true", "", "")) {
            assertThat(event(follower.chunk()).handle()).isEqualTo("first");
            while (!event(follower.chunk()).to().equals("stopped")) {
                // What was before.
            }
            daemon.running("second");
            EventView next = event(follower.chunk());
            assertThat(next.handle()).isEqualTo("second");
            assertThat(next.to()).isEqualTo("starting");
        }
        try (Http.Connection follower = daemon.http.open("GET", "/v1/events?follow=true&tail=0", "", "")) {
            daemon.http.post("/v1/instances/second/stop", "");
            assertThat(event(follower.chunk()).because()).isEqualTo("stop requested");
        }
    }

    @Test
    void whatIsAskedForHasToMakeSense() throws IOException {
        assertThat(daemon.http.get("/v1/events?since=soon").status()).isEqualTo(400);
        assertThat(daemon.http.get("/v1/events?tail=-1").status()).isEqualTo(400);
        assertThat(told("?since=1h")).isEmpty();
    }

    @Test
    void theEndOfTheDaemonIsToldAndEndsTheAnswer() throws IOException {
        daemon.running("box");
        try (Http.Connection follower = daemon.http.open("GET", "/v1/events?follow=true&tail=0", "", "")) {
            daemon.end();
            assertThat(event(follower.chunk()).because()).isEqualTo("aegisd stopped");
            assertThat(event(follower.chunk()).to()).isEqualTo("stopped");
            assertThat(follower.chunk()).isEmpty();
        }
    }
}
