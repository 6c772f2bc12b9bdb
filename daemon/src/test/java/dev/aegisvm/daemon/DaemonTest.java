package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The daemon as its clients see it: real HTTP, SQLite and files, and VMs that are none. */
class DaemonTest {
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[0-9a-f]+)\"");

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Http http;

    @BeforeEach
    void open() throws Exception {
        http = daemon.http;
    }

    private String create(String body) throws IOException {
        Http.Answer answer = http.post("/v1/instances", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        Matcher id = ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    private void awaitState(String name, String state) {
        await().untilAsserted(() ->
                assertThat(http.get("/v1/instances/" + name).body()).contains("\"state\":\"" + state + "\""));
    }

    private String running(String handle) throws IOException {
        String id = create("{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\"}");
        awaitState(handle, "running");
        return id;
    }

    @Test
    void saysThatItRuns() throws IOException {
        Http.Answer answer = http.get("/v1/status");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"status\":\"running\"", "\"backend\":\"fake\"", "\"pause_resume\":true", "\"version\":");
        assertThat(daemon.home.pidFile())
                .content()
                .startsWith("" + ProcessHandle.current().pid());
    }

    @Test
    void nobodyElseMayConnect() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.home.socket())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.home.root())))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /v1/nothing                | 404 | not_found",
                "GET    | /                          | 404 | not_found",
                "PUT    | /v1/status                 | 405 | method_not_allowed",
                "DELETE | /v1/instances              | 405 | method_not_allowed",
                "GET    | /v1/instances/nobody       | 404 | not_found",
                "GET    | /v1/instances/NOBODY       | 400 | bad_request",
                "GET    | /v1/instances/a%2fb        | 400 | bad_request",
                "DELETE | /v1/instances/nobody       | 404 | not_found",
                "POST   | /v1/instances/nobody/stop  | 404 | not_found",
                "GET    | /v1/instances/nobody/logs  | 404 | not_found",
                "GET    | /v1/instances?state=odd    | 400 | bad_request",
                "POST   | /v1/instances/prune        | 400 | bad_request",
                "POST   | /v1/instances/prune?older_than=7 | 400 | bad_request",
                "DELETE | /v1/secrets/x              | 404 | not_found",
                "DELETE | /v1/secrets/1x             | 400 | bad_request",
            })
    void refusesWhatIsNotThere(String method, String path, int status, String code) throws IOException {
        Http.Answer answer = http.send(method, path, "");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"", "\"error\":\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                          | 400 | bad_request   | body",
                "null                                        | 400 | bad_request   | body",
                "{}                                          | 400 | bad_request   | command",
                "{\"command\":[]}                            | 400 | bad_request   | command",
                "{\"command\":[\"\"]}                        | 400 | bad_request   | command",
                "{\"handle\":\"box\"}                        | 400 | bad_request   | box",
                "{\"command\":[\"a\"],\"handle\":\"Box\"}    | 400 | bad_request   | a name matches",
                "{\"command\":[\"a\"],\"handle\":\"inst-1\"} | 400 | bad_request   | inst-",
                "{\"command\":[\"a\"],\"colour\":\"red\"}    | 400 | unknown_field | colour",
                "{\"command\":[\"a\"],\"memory_mb\":300}     | 400 | bad_request   | memory_mb",
                "{\"command\":[\"a\"],\"memory_mb\":128}     | 400 | bad_request   | 'memory_mb must be one of 256, 512, 1024, 2048, … 65536, not 128'",
                "{\"command\":[\"a\"],\"memory_mb\":131072}  | 400 | bad_request   | not 131072",
                "{\"command\":[\"a\"],\"memory_mb\":65536}   | 400 | bad_request   | 'memory_mb is 65536, but this host has 32768 MB'",
                "{\"command\":[\"a\"],\"memory_mb\":-512}    | 400 | bad_request   | not -512",
                "{\"command\":[\"a\"],\"memory_mb\":\"lots\"} | 400 | bad_request  | 'expected a whole number up to 2147483647 in the body, not \\\"lots\\\"'",
                "{\"command\":[\"a\"],\"memory_mb\":512.5}   | 400 | bad_request   | not 512.5",
                "{\"command\":[\"a\"],\"memory_mb\":4294967808} | 400 | bad_request | not 4294967808",
                "{\"command\":[\"a\"],\"vcpus\":17}          | 400 | bad_request   | 'vcpus must be 1..16, not 17'",
                "{\"command\":[\"a\"],\"vcpus\":-1}          | 400 | bad_request   | not -1",
                "{\"command\":[\"a\"],\"vcpus\":0}           | 400 | bad_request   | vcpus",
                "{\"command\":[\"a\"],\"disk_mb\":65537}     | 400 | bad_request   | disk_mb must be 64..65536, not 65537",
                "{\"command\":[\"a\"],\"disk_mb\":63}        | 400 | bad_request   | 64..65536",
                "{\"command\":[\"a\"],\"disk_mb\":65537}     | 400 | bad_request   | disk_max_mb",
                "{\"command\":[\"a\"],\"env\":{\"A=B\":\"\"}} | 400 | bad_request  | A=B",
                "{\"command\":[\"a\"],\"workspace\":\"./w\"} | 400 | bad_request   | must be an absolute path",
                "{\"command\":[\"a\"],\"workspace\":\"~/w\"} | 400 | bad_request   | must be an absolute path",
                "{\"command\":[\"a\"],\"workspace\":\"a b\"} | 400 | bad_request   | 'a b'' is not a valid name'",
                "{\"command\":[\"a\"],\"workspace\":\":ro\"} | 400 | bad_request   | is not a valid name",
                "{\"command\":[\"a\"],\"workspace\":\"/\"}   | 400 | bad_request   | own files",
                "{\"command\":[\"a\"],\"workspace\":\"/etc/passwd\"} | 400 | bad_request | is not a directory",
                "{\"command\":[\"a\"],\"workspace\":\"/no/such/place:ro\"} | 400 | bad_request | /no/such/place does not exist",
                "{\"command\":[\"a\"],\"workspace\":\"/proc/self\"} | 400 | bad_request | kernel file system",
                "{\"command\":[\"a\"],\"secrets\":[\"NO\"]}  | 400 | unknown_secret | NO",
                "{\"command\":[\"a\"],\"image_ref\":\"X\"}   | 400 | bad_request   | lower case",
                "{\"vcpus\":0,\"image_ref\":\"127.0.0.1:1/x\"} | 400 | bad_request | vcpus",
            })
    void refusesWhatItCannotCreate(String body, int status, String code, String names) throws IOException {
        Http.Answer answer = http.post("/v1/instances", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"", names);
        assertThat(http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void refusesABodyThatIsTooLarge() throws IOException {
        Http.Answer answer = http.post("/v1/instances", "x".repeat(5 * 1024 * 1024));
        assertThat(answer.status()).isEqualTo(413);
    }

    @Test
    void aProcessRunsToItsEnd() throws IOException {
        String id = create("{\"command\":[\"print\",\"hello\",\"oops\"],\"handle\":\"box\"}");
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body())
                .contains("\"exit_code\":0", "\"handle\":\"box\"", "\"stopped_at\":\"", "\"total_ms\":", "\"hello\":");
        String logs = http.get("/v1/instances/" + id + "/logs").body();
        assertThat(logs)
                .contains("\"stream\":\"stdout\",\"line\":\"hello\",\"source\":\"server\"")
                .contains("\"stream\":\"stderr\",\"line\":\"oops\"")
                .contains("\"stream\":\"system\",\"line\":\"process exited (code=0)\"");
        assertThat(http.get("/v1/instances/box/logs?tail=1").body())
                .contains("process exited")
                .doesNotContain("hello");
    }

    @Test
    void aKnownHandleIsStartedAgain() throws IOException {
        create("{\"command\":[\"exit\",\"7\"],\"handle\":\"box\"}");
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body()).contains("\"exit_code\":7");
        Http.Answer again = http.post("/v1/instances", "{\"handle\":\"box\"}");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).contains("\"command\":[\"exit\",\"7\"]").doesNotContain("exit_code");
        awaitState("box", "stopped");
        assertThat(daemon.vmm.all()).hasSize(2);
    }

    @Test
    void aHandleThatRunsIsTaken() throws IOException {
        running("box");
        Http.Answer again = http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.body()).contains("running", "\"code\":\"handle_in_use\"");
        http.post("/v1/instances/box/disable", "");
        Http.Answer run = http.post("/v1/instances", "{\"command\":[\"x\"],\"handle\":\"box\",\"ephemeral\":true}");
        assertThat(run.status()).isEqualTo(409);
        assertThat(run.body()).contains("disabled", "\"code\":\"handle_in_use\"");
        assertThat(http.get("/v1/instances/box").body()).contains("\"enabled\":false");
    }

    @Test
    void theListCanBeOfOneState() throws IOException {
        String id = running("box");
        assertThat(http.get("/v1/instances?state=running").body()).contains(id);
        assertThat(http.get("/v1/instances?state=stopped").body()).isEqualTo("[]");
    }

    @Test
    void deleteLeavesNothing() throws IOException {
        String id = running("box");
        assertThat(daemon.home.instance(id).resolve("disk.raw")).exists();
        Http.Answer answer = http.delete("/v1/instances/box");
        assertThat(answer).isEqualTo(new Http.Answer(200, "{\"status\":\"deleted\"}"));
        assertThat(daemon.vmm.last().exit()).isCompleted();
        assertThat(daemon.home.instance(id)).doesNotExist();
        assertThat(daemon.home.runDirectory(id)).doesNotExist();
        assertThat(daemon.home.logs()).isEmptyDirectory();
        assertThat(http.delete("/v1/instances/box").status()).isEqualTo(404);
        running("box");
    }

    @Test
    void stopDisableAndStart() throws IOException {
        running("box");
        assertThat(http.post("/v1/instances/box/stop", "").body()).isEqualTo("{\"status\":\"stopped\"}");
        assertThat(daemon.vmm.last().guest().calls("shutdown")).isEqualTo(1);
        assertThat(http.get("/v1/instances/box").body()).contains("\"enabled\":true", "stop requested");
        assertThat(http.post("/v1/instances/box/disable", "").body()).isEqualTo("{\"status\":\"disabled\"}");
        assertThat(http.get("/v1/instances/box").body()).contains("\"enabled\":false");
        assertThat(http.get("/v1/instances/box/logs").status()).isEqualTo(409);
        assertThat(http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}")
                        .status())
                .isEqualTo(409);
        assertThat(http.post("/v1/instances/box/start", "").body()).isEqualTo("{\"status\":\"starting\"}");
        awaitState("box", "running");
        assertThat(http.get("/v1/instances/box").body()).contains("\"enabled\":true");
    }

    @Test
    void pauseAndResume() throws IOException {
        running("box");
        assertThat(http.post("/v1/instances/box/pause", "").body()).isEqualTo("{\"status\":\"paused\"}");
        assertThat(daemon.vmm.last().paused()).isTrue();
        assertThat(http.post("/v1/instances/box/pause", "").body()).isEqualTo("{\"status\":\"paused\"}");
        assertThat(http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"4\"]}")
                        .body())
                .contains("\"exit_code\":4");
        assertThat(daemon.vmm.last().paused()).isFalse();
        assertThat(http.post("/v1/instances/box/resume", "").body()).isEqualTo("{\"status\":\"running\"}");
    }

    @Test
    void aVmThatIsEndedFromOutsideSaysWhy() throws IOException {
        running("box");
        daemon.vmm.last().end(new VmExit(new End.BySignal(9), "one\nKernel panic - not syncing: no init\n", ""));
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body()).contains("the guest's kernel panicked: no init");
        assertThat(http.get("/v1/instances/box/logs").body())
                .contains("the VM ended: the guest's kernel panicked", "console: one");
    }

    @Test
    void aStatusOfTheHypervisorIsNotTakenForASignal() throws IOException {
        running("box");
        daemon.vmm.last().end(new VmExit(new End.Failed(149), "", "SIGBUS"));
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body()).contains("its VM process exited with status 149: SIGBUS");
    }

    @Test
    void aGuestThatBreaksTheProtocolHurtsItselfAlone() throws IOException {
        running("good");
        running("bad");
        daemon.vmm.last().guest().misbehave();
        awaitState("bad", "stopped");
        assertThat(http.get("/v1/instances/bad").body()).contains("broke the protocol");
        assertThat(http.post("/v1/instances/good/exec", "{\"command\":[\"exit\",\"0\"]}")
                        .body())
                .contains("\"done\":true");
    }

    @Test
    void aBootThatFailsSaysWhy() throws IOException {
        daemon.vmm.refuse("there is no hypervisor");
        create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body()).contains("there is no hypervisor (try the real one)");
        assertThat(http.get("/v1/instances/box/logs").body()).contains("there is no hypervisor");
        daemon.vmm.refuse(null);
        assertThat(http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        awaitState("box", "running");
    }

    @Test
    void aCommandThatIsMissingSaysSo() throws IOException {
        create("{\"command\":[\"missing\"],\"handle\":\"box\"}");
        awaitState("box", "stopped");
        assertThat(http.get("/v1/instances/box").body()).contains("command not found: missing");
    }

    @Test
    void aBootCanBeStopped() throws IOException {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        daemon.vmm.holdBack(gate);
        create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        awaitState("box", "starting");
        CompletableFuture<Http.Answer> stop = CompletableFuture.supplyAsync(() -> {
            try {
                return http.post("/v1/instances/box/stop", "");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
        await().untilAsserted(() ->
                assertThat(http.post("/v1/instances/box/start", "").body()).contains("aborting"));
        gate.complete(null);
        assertThat(stop.join().body()).isEqualTo("{\"status\":\"stopped\"}");
        assertThat(daemon.vmm.last().exit()).isCompleted();
    }

    @Test
    void whatIsStoppedOutlivesTheDaemon() throws Exception {
        String id = running("box");
        http.post("/v1/instances", "{\"command\":[\"sleep\"],\"ephemeral\":true}");
        daemon.restart();
        assertThat(http.get("/v1/instances").body()).contains(id).doesNotContain("\"ephemeral\":true");
        assertThat(http.get("/v1/instances/box").body()).contains("\"state\":\"stopped\"", "aegisd stopped");
        assertThat(daemon.vmm.all()).allSatisfy(vm -> assertThat(vm.exit()).isCompleted());
        assertThat(http.post("/v1/instances", "{\"handle\":\"box\"}").status()).isEqualTo(200);
        awaitState("box", "running");
    }

    @Test
    void aSecondDaemonIsRefused() {
        assertThatThrownBy(() -> DaemonHarness.open(daemon.directory).close())
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("pid " + ProcessHandle.current().pid());
    }

    @Test
    void nothingOfItStays() {
        daemon.end();
        assertThat(daemon.home.socket()).doesNotExist();
        assertThat(daemon.home.pidFile()).doesNotExist();
        assertThat(daemon.home.runDirectory()).doesNotExist();
        assertThat(daemon.home.scratch()).doesNotExist();
    }

    @Test
    void oldOnesArePruned() throws IOException {
        String id = create("{\"command\":[\"exit\",\"0\"]}");
        awaitState(id, "stopped");
        running("box");
        assertThat(http.post("/v1/instances/prune?older_than=1h", "").body()).isEqualTo("{\"pruned\":0,\"ids\":[]}");
        await().untilAsserted(() -> assertThat(
                        http.post("/v1/instances/prune?older_than=0s", "").body())
                .contains(id));
        assertThat(http.get("/v1/instances").body()).contains("box").doesNotContain(id);
    }
}
