package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be asked of an instance in each state, those included that clients see as another. */
class RefusedTransitionsTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Http.Answer ask(String verb) throws IOException {
        return switch (verb) {
            case "create" -> daemon.http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
            case "exec" -> daemon.http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}");
            case "info" -> daemon.http.get("/v1/instances/box");
            default -> daemon.http.post("/v1/instances/box/" + verb, "");
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stopped  | pause resume exec              | wrong_state | stopped",
                "disabled | pause resume exec              | disabled    | disabled",
                "starting | start pause resume             | wrong_state | starting",
                "running  | start                          | wrong_state | running",
                "pausing  | start                          | wrong_state | pausing",
                "paused   | start                          | wrong_state | paused",
                "resuming | start pause                    | wrong_state | resuming",
                "stopping | start pause resume exec        | wrong_state | stopping",
                "aborting | start pause resume exec        | wrong_state | aborting its start",
            })
    void isAConflictThatNamesTheState(String state, String verbs, String code, String word) throws IOException {
        daemon.bring("box", state);
        for (String verb : verbs.split(" ", -1)) {
            Http.Answer answer = ask(verb);
            assertThat(answer.status()).as(verb).isEqualTo(409);
            assertThat(answer.body())
                    .as(verb)
                    .contains(
                            "\"error\":\"instance 'box' is " + word + "\"", "\"code\":\"" + code + "\"", "\"hint\":\"");
        }
        if (!state.equals("stopped") && !state.equals("disabled")) {
            assertThat(ask("create").body()).contains("instance 'box' is " + word, "\"code\":\"handle_in_use\"");
        }
        daemon.awaitTold("box", state);
        assertThat(daemon.vmm.all()).hasSizeLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"running, resume, running", "paused, pause, paused"})
    void whatItIsAlreadyIsNoConflict(String state, String verb, String status) throws IOException {
        daemon.bring("box", state);
        Http.Answer answer = ask(verb);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"status\":\"" + status + "\"}");
        daemon.awaitTold("box", state);
    }

    @ParameterizedTest
    @CsvSource({"info", "start", "stop", "disable", "pause", "resume", "exec"})
    void ofOneThatIsBeingDeletedNothing(String verb) throws IOException {
        daemon.bring("box", "deleting");
        Http.Answer answer = ask(verb);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).contains("there is no instance 'box'");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
        assertThat(ask("create").status()).isEqualTo(409);
    }

    @ParameterizedTest
    @CsvSource({"starting", "running", "pausing", "paused", "resuming", "stopping", "aborting"})
    void pruningTakesStoppedOnesAlone(String state) throws IOException {
        daemon.bring("box", state);
        assertThat(daemon.http.post("/v1/instances/prune?older_than=0s", "").body())
                .isEqualTo("{\"pruned\":0,\"ids\":[]}");
        daemon.awaitTold("box", state);
    }
}
