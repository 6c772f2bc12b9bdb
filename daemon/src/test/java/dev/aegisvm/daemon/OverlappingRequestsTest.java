package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that come while an earlier one is still being done: each has one outcome, and everybody is answered. */
class OverlappingRequestsTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private static Http.Answer answer(CompletableFuture<Http.Answer> asked) {
        return asked.orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** The state it is in; what is asked then; what the answer is, and where the instance comes to rest. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "starting | stop    | stopped  | stopped",
                "starting | disable | disabled | disabled",
                "starting | delete  | deleted  |",
                "pausing  | resume  | running  | running",
                "pausing  | stop    | stopped  | stopped",
                "pausing  | disable | disabled | disabled",
                "pausing  | delete  | deleted  |",
                "paused   | resume  | running  | running",
                "paused   | stop    | stopped  | stopped",
                "paused   | disable | disabled | disabled",
                "paused   | delete  | deleted  |",
                "resuming | stop    | stopped  | stopped",
                "resuming | disable | disabled | disabled",
                "resuming | delete  | deleted  |",
                "stopping | stop    | stopped  | stopped",
                "stopping | disable | disabled | disabled",
                "stopping | delete  | deleted  |",
                "aborting | stop    | stopped  | stopped",
                "aborting | disable | disabled | disabled",
                "aborting | delete  | deleted  |",
                "stopped  | stop    | stopped  | stopped",
                "stopped  | disable | disabled | disabled",
                "disabled | disable | disabled | disabled",
                "disabled | stop    | stopped  | disabled",
                "disabled | delete  | deleted  |",
            })
    void theLaterOneIsDoneToo(String state, String verb, String status, String rest) throws IOException {
        daemon.bring("box", state);
        CompletableFuture<Http.Answer> asked = verb.equals("delete")
                ? daemon.later("DELETE", "/v1/instances/box")
                : daemon.later("POST", "/v1/instances/box/" + verb);
        daemon.vmm.release();
        assertThat(answer(asked)).isEqualTo(new Http.Answer(200, "{\"status\":\"" + status + "\"}"));
        if (rest == null) {
            assertThat(daemon.http.get("/v1/instances/box").status()).isEqualTo(404);
            assertThat(daemon.home.instances()).isEmptyDirectory();
        } else {
            daemon.awaitTold("box", rest);
        }
        boolean running = "running".equals(rest) || "paused".equals(rest);
        assertThat(daemon.vmm.all())
                .allSatisfy(vm -> assertThat(vm.exit().isDone()).isEqualTo(!running));
    }

    /** One that comes while the first is being done shares its answer; one that comes later has nothing to do. */
    @ParameterizedTest
    @CsvSource({"pausing, pause, paused", "resuming, resume, running"})
    void twiceIsOnce(String state, String verb, String rest) throws IOException {
        daemon.bring("box", state);
        List<CompletableFuture<Http.Answer>> again = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            again.add(daemon.later("POST", "/v1/instances/box/" + verb));
        }
        daemon.vmm.release();
        daemon.awaitTold("box", rest);
        for (CompletableFuture<Http.Answer> each : again) {
            Http.Answer answer = answer(each);
            assertThat(answer.body()).isEqualTo("{\"status\":\"" + rest + "\"}");
            assertThat(answer.status()).isEqualTo(200);
        }
        assertThat(daemon.http.post("/v1/instances/box/" + verb, "").status()).isEqualTo(200);
        assertThat(daemon.vmm.last().paused()).isEqualTo(rest.equals("paused"));
    }

    @Test
    void anExecThatComesDuringAStartOrAResumeWaitsForIt() throws IOException {
        for (String state : List.of("starting", "pausing", "resuming")) {
            daemon.bring(state, state);
            CompletableFuture<Http.Answer> exec =
                    daemon.later("POST", "/v1/instances/" + state + "/exec", "{\"command\":[\"exit\",\"4\"]}");
            daemon.vmm.release();
            assertThat(answer(exec).body()).as(state).contains("\"exit_code\":4");
            daemon.awaitTold(state, "running");
        }
    }

    @Test
    void whoWaitsForAResumeIsToldThatItWasStoppedInstead() throws IOException {
        daemon.bring("box", "resuming");
        CompletableFuture<Http.Answer> resume = daemon.later("POST", "/v1/instances/box/resume");
        CompletableFuture<Http.Answer> stop = daemon.later("POST", "/v1/instances/box/stop");
        daemon.awaitTold("box", "stopping");
        daemon.vmm.release();
        assertThat(answer(stop).status()).isEqualTo(200);
        assertThat(answer(resume).status()).isIn(409, 500);
        assertThat(answer(resume).body()).contains("stop");
    }

    @Test
    void aThousandAtOnceAreAllAnswered() throws IOException {
        daemon.running("box");
        List<CompletableFuture<Http.Answer>> asked = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            for (String verb : List.of("pause", "resume", "stop", "start")) {
                asked.add(daemon.later("POST", "/v1/instances/box/" + verb));
            }
        }
        for (CompletableFuture<Http.Answer> each : asked) {
            assertThat(answer(each).status()).isIn(200, 409, 500);
        }
        assertThat(daemon.http.delete("/v1/instances/box").status()).isEqualTo(200);
        assertThat(daemon.vmm.all()).allSatisfy(vm -> assertThat(vm.exit()).isCompleted());
        assertThat(daemon.home.instances()).isEmptyDirectory();
        assertThat(daemon.home.runDirectory()).isEmptyDirectory();
    }
}
