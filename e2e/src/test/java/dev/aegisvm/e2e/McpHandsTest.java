package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a model does with its tools in real guests: long jobs, long outputs, edits, copies, and mistakes. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what a model is told of VMs that other classes use")
class McpHandsTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    @TempDir
    Path project;

    private McpSession mcp;

    @BeforeEach
    void connect() throws IOException {
        mcp = HOME.mcp(project);
        start("");
    }

    private void start(String more) throws IOException {
        mcp.text(
                "instance_start",
                "{\"name\":\"box\",\"command\":[\"sleep\",\"infinity\"],\"expose\":[80]" + more + "}");
    }

    @AfterEach
    void disconnect() {
        mcp.close();
    }

    private JsonNode exec(String arguments) throws IOException {
        return mcp.json("exec", "{\"name\":\"box\"," + arguments + "}");
    }

    private String stdout(String command) throws IOException {
        return exec("\"command\":\"" + command + "\"").path("stdout").asString();
    }

    private String background(String command, String more) throws IOException {
        JsonNode begun = exec("\"background\":true,\"command\":\"" + command + "\"" + more);
        assertThat(begun.path("running").asBoolean(false)).isTrue();
        return begun.path("id").asString();
    }

    private JsonNode read(String id, String more) throws IOException {
        return mcp.json("process_read", "{\"id\":\"" + id + "\"" + more + "}");
    }

    private String state() throws IOException {
        return mcp.json("instance_info", "{\"name\":\"box\"}").path("state").asString();
    }

    /** It idles for longer than the instance may: only the process keeps that awake. */
    @Test
    void aLongJobInAnExposedInstanceIsFollowedToItsEndAndThenTheInstanceSleeps() throws IOException {
        mcp.text("instance_stop", "{\"name\":\"box\"}");
        start(",\"idle_pause\":\"2s\",\"idle_stop\":\"2s\"");
        String id = background("echo begun; sleep 12; echo done; exit 3", "");
        JsonNode first = read(id, ",\"wait_s\":60");
        assertThat(first.path("text").asString()).isEqualTo("begun\n");
        JsonNode last = read(id, ",\"wait_s\":120,\"wait_for\":\"end\",\"cursor\":" + first.path("cursor"));
        assertThat(last.path("text").asString()).isEqualTo("done\n");
        assertThat(last.path("running").asBoolean(true)).isFalse();
        assertThat(last.path("exit_code").asInt()).isEqualTo(3);
        await().atMost(Duration.ofSeconds(60)).until(() -> state().equals("stopped"));
    }

    @Test
    void aProcessIsWrittenToSignalledAndHasATerminal() throws IOException {
        String cat = background("cat; echo over", "");
        mcp.text("process_write", "{\"id\":\"" + cat + "\",\"text\":\"typed \u00e4\\n\"}");
        assertThat(read(cat, ",\"wait_s\":60").path("text").asString()).isEqualTo("typed \u00e4\n");
        mcp.text("process_write", "{\"id\":\"" + cat + "\",\"end\":true}");
        JsonNode ended = read(cat, ",\"wait_s\":60,\"wait_for\":\"end\"");
        assertThat(ended.path("text").asString()).endsWith("over\n");
        assertThat(mcp.failure("process_write", "{\"id\":\"" + cat + "\",\"text\":\"x\"}")
                        .path("code")
                        .asString())
                .isEqualTo("wrong_state");
        String shell = background("sh", ",\"tty\":true");
        mcp.text("process_write", "{\"id\":\"" + shell + "\",\"text\":\"tty; echo $((40+2))\\n\"}");
        assertThat(read(shell, ",\"wait_s\":60,\"wait_for\":\"(?m)^42\"")
                        .path("text")
                        .asString())
                .contains("/dev/pts/");
        String prompt = background("printf '\\\\033[1m>>> \\\\033[0m'; sleep 600", ",\"tty\":true");
        assertThat(mcp.later("process_read", "{\"id\":\"" + prompt + "\",\"wait_s\":600,\"wait_for\":\">>> $\"}")
                        .orTimeout(100, TimeUnit.SECONDS)
                        .join())
                .contains(">>> ");
        assertThat(mcp.text("process_list", "{\"name\":\"box\"}")).contains(shell, "\"running\":true");
        mcp.text("process_signal", "{\"id\":\"" + shell + "\",\"signal\":\"kill\"}");
        assertThat(read(shell, ",\"wait_s\":60,\"wait_for\":\"end\"")
                        .path("exit_code")
                        .asInt())
                .isEqualTo(137);
    }

    @Test
    void aClientThatIsKilledLeavesWhatWasToBeKeptAndNothingElse() throws IOException {
        String kept = background("echo on; sleep 4712", ",\"keep\":true");
        background("sleep 4713", "");
        read(kept, ",\"wait_s\":60");
        CompletableFuture<String> fresh =
                mcp.later("run_code", "{\"language\":\"sh\",\"code\":\"sleep 4714\",\"timeout_s\":600}");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> HOME.aegis("ps", "-q").ok().stdout().lines().count() == 2);
        mcp.close();
        assertThat(fresh).failsWithin(Duration.ofSeconds(10));
        mcp = HOME.mcp(project);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(stdout("pgrep -fx 'sleep 471[2-4]' | wc -l")).isEqualTo("1\n"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> HOME.aegis("ps", "-aq").ok().stdout().lines().count() == 1);
        JsonNode there = read(kept, ",\"name\":\"box\"");
        assertThat(there.path("running").asBoolean(false)).isTrue();
        assertThat(there.path("text").asString()).isEqualTo("on\n");
        mcp.text("process_signal", "{\"id\":\"" + kept + "\",\"signal\":\"kill\",\"name\":\"box\"}");
    }

    @Test
    void theVerdictOfALongRunIsInTheFirstAnswer() throws IOException {
        JsonNode run = exec("\"command\":\"seq -f 'test %g ok' 6000; echo 'FAILED (failures=1)'; exit 1\"");
        assertThat(run.path("exit_code").asInt()).isEqualTo(1);
        assertThat(run.path("stdout").asString()).startsWith("test 1 ok\n").endsWith("FAILED (failures=1)\n");
        assertThat(mcp.json(
                                "output_read",
                                "{\"cursor\":\"" + run.path("stdout_cursor").asString() + "\"}")
                        .path("text")
                        .asString())
                .contains("test 1000 ok\n");
        assertThat(exec("\"command\":\"seq 700000\",\"grep\":\"99999$\"")
                        .path("stdout")
                        .asString())
                .as("more than is kept")
                .startsWith("99999:99999\n")
                .endsWith("\n699999:699999\n")
                .hasLineCount(7);
        assertThat(exec("\"command\":\"seq 6000\",\"grep\":\"^59.9$\",\"tail\":2")
                        .path("stdout")
                        .asString())
                .isEqualTo("5989:5989\n5999:5999\n");
    }

    @Test
    void filesAreEditedListedFoundMovedAndRemoved() throws IOException {
        String at = "{\"name\":\"box\",\"path\":\"/srv/p/a.py\"";
        mcp.text("file_write", at + ",\"content\":\"x = 1\\ny = 1\\nz = 2\\n\"}");
        stdout("chmod 755 /srv/p/a.py");
        assertThat(mcp.failure("file_edit", at + ",\"old\":\"= 1\",\"new\":\"= 7\"}")
                        .path("cause")
                        .asString())
                .contains("occurs 2 times, in lines 1, 2");
        mcp.text("file_edit", at + ",\"old\":\"y = 1\",\"new\":\"y = 7\"}");
        mcp.text("file_edit", at + ",\"diff\":\"@@ -3 +3 @@\\n-z = 2\\n+z = 8\\n\"}");
        assertThat(stdout("cat /srv/p/a.py; stat -c %a /srv/p/a.py")).isEqualTo("x = 1\ny = 7\nz = 8\n755\n");
        assertThat(mcp.json("file_read", at + ",\"from_line\":2,\"to_line\":2}")
                        .path("text")
                        .asString())
                .isEqualTo("2\ty = 7\n");
        assertThat(mcp.result("file_list", "{\"name\":\"box\",\"path\":\"/srv\",\"depth\":3,\"glob\":\"*.py\"}")
                        .at("/structuredContent/entries"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.path("name").asString()).isEqualTo("p/a.py"));
        assertThat(mcp.json(
                                "file_search",
                                "{\"name\":\"box\",\"path\":\"/srv\",\"pattern\":\"^y = \\\\d\",\"glob\":\"*.py\"}")
                        .path("text")
                        .asString())
                .isEqualTo("/srv/p/a.py:2:y = 7\n");
        assertThat(mcp.json("file_search", "{\"name\":\"box\",\"path\":\"/srv\",\"pattern\":\"nowhere\"}")
                        .path("matches")
                        .asInt(-1))
                .isZero();
        mcp.text("file_manage", "{\"name\":\"box\",\"action\":\"mkdir\",\"path\":\"/srv/q/r\"}");
        mcp.text("file_manage", at + ",\"action\":\"move\",\"to\":\"/srv/q/r/b.py\"}");
        mcp.text("file_manage", "{\"name\":\"box\",\"action\":\"remove\",\"path\":\"/srv/p\"}");
        assertThat(stdout("find /srv/p /srv/q -type f 2>&1")).contains("/srv/q/r/b.py", "No such file");
        stdout("head -c 100 /bin/sh > /srv/binary");
        JsonNode binary = mcp.json("file_read", "{\"name\":\"box\",\"path\":\"/srv/binary\"}");
        assertThat(binary.path("binary").asBoolean(false)).isTrue();
        assertThat(binary.path("text").asString()).isEmpty();
    }

    @Test
    void whatWouldFindNothingIsRefused() throws IOException {
        assertThat(mcp.failure(
                                "file_search",
                                "{\"name\":\"box\",\"path\":\"/srv\",\"pattern\":\"y\",\"glob\":\"p/*.py\"}")
                        .path("cause")
                        .asString())
                .contains("give a glob without '/'");
        assertThat(mcp.failure("file_read", "{\"name\":\"box\",\"path\":\"/etc/passwd\",\"from_line\":3,\"to_line\":2}")
                        .path("cause")
                        .asString())
                .contains("'to_line' is before from_line");
    }

    @Test
    void aPatchTellsWhatChangedInADirectory() throws IOException {
        stdout(
                "mkdir -p /srv/app; cd /srv/app; echo one > a.txt; echo gone > b.txt; echo x > run; cp /bin/ls d.bin; cp run key");
        mcp.text("snapshot", "{\"action\":\"create\",\"name\":\"box\",\"snapshot\":\"before\"}");
        stdout(
                "cd /srv/app; echo two > a.txt; rm b.txt d.bin; head -c 99 /bin/sh > c.bin; chmod 755 run; chmod 600 key; echo no > /root/other");
        String box = "{\"name\":\"box\",\"path\":\"/srv/app\",\"patch\":true";
        assertThat(mcp.text("diff", box + ",\"since\":\"before\"}"))
                .contains("--- a/srv/app/a.txt\n+++ b/srv/app/a.txt\n@@ -1 +1 @@\n-one\n+two\n", "-gone\n")
                .contains("left_out: added /srv/app/c.bin (99 bytes), not text or too long\n")
                .contains("left_out: deleted /srv/app/d.bin (executable), not text or too long\n")
                .contains("diff --git a/srv/app/run b/srv/app/run\nold mode 100644\nnew mode 100755\n")
                .contains("left_out: changed /srv/app/key (2 bytes, attributes, mode 644 -> 600)\n")
                .doesNotContain("other");
        assertThat(mcp.failure("diff", "{\"name\":\"box\",\"path\":\"/srv/none\",\"since\":\"before\"}")
                        .path("cause")
                        .asString())
                .contains("nothing at /srv/none");
        assertThat(mcp.text("diff", "{\"name\":\"box\",\"path\":\"/usr/bin/\",\"since\":\"before\"}"))
                .isEqualTo("since: before");
        assertThat(mcp.text("diff", box + "}"))
                .as("against its image")
                .contains("+two\n")
                .doesNotContain("-one");
        assertThat(mcp.text("diff", "{\"name\":\"box\",\"path\":\"/etc/ssl\",\"patch\":true}"))
                .startsWith("since: ")
                .hasLineCount(1);
        mcp.text("snapshot", "{\"action\":\"delete\",\"snapshot\":\"before\"}");
    }

    @Test
    void aPatchOfACopiedWorkspaceNamesFilesThatAreNoText() throws IOException {
        Files.writeString(project.resolve("a.txt"), "one\n");
        mcp.text(
                "instance_start",
                "{\"name\":\"copy\",\"command\":[\"sleep\",\"infinity\"],\"workspace\":\"" + project + ":copy\"}");
        mcp.text("exec", "{\"name\":\"copy\",\"command\":\"echo two > a.txt; head -c 99 /bin/sh > c.bin\"}");
        assertThat(mcp.text("diff", "{\"name\":\"copy\",\"patch\":true}"))
                .contains("@@ -1 +1 @@\n-one\n+two\n", "left_out: c.bin, not text or too long\n")
                .doesNotContain("GIT binary patch", "Binary files");
        Files.setLastModifiedTime(project.resolve("a.txt"), FileTime.fromMillis(0));
        assertThat(mcp.text("diff", "{\"name\":\"copy\",\"patch\":true}"))
                .contains("left_out: changed a.txt (4 bytes, host_changed)\n", "the patch is incomplete", "copy_out");
    }

    @Test
    void aStringIsRunByBashOrElseBySh() throws IOException {
        assertThat(stdout("[[ a == a* ]] && echo {1..3} $0")).isEqualTo("1 2 3 bash\n");
        assertThat(exec("\"command\":\"shopt -q login_shell\"")
                        .path("exit_code")
                        .asInt())
                .isEqualTo(1);
        stdout("mv /bin/bash /bin/hidden");
        assertThat(stdout("echo $0")).isEqualTo("sh\n");
        assertThat(read(background("sleep 1; echo $0", ""), ",\"wait_s\":60,\"wait_for\":\"end\"")
                        .path("text")
                        .asString())
                .isEqualTo("sh\n");
        assertThat(mcp.failure("exec", "{\"name\":\"box\",\"command\":[\"bash\",\"-c\",\"true\"]}")
                        .path("code")
                        .asString())
                .isEqualTo("command_not_found");
    }

    @Test
    void theEndOfALargeFileIsRead() throws IOException {
        stdout("truncate -s 3G /srv/large; printf end >> /srv/large");
        assertThat(mcp.json("file_read", "{\"name\":\"box\",\"path\":\"/srv/large\",\"offset\":3221225472}")
                        .path("text")
                        .asString())
                .isEqualTo("end");
    }

    @Test
    void filesAreCopiedBetweenTheProjectAndAGuestAndNothingElseIs() throws IOException {
        Files.createDirectories(project.resolve("src/deep"));
        Files.writeString(project.resolve("src/deep/f"), "from the host");
        mcp.text("copy_in", "{\"name\":\"box\",\"from\":\"" + project + "/src\",\"to\":\"/srv/in\"}");
        assertThat(stdout("cat /srv/in/deep/f")).isEqualTo("from the host");
        stdout("echo made > /srv/in/deep/g");
        mcp.text("copy_out", "{\"name\":\"box\",\"from\":\"/srv/in\",\"to\":\"" + project + "/out\"}");
        assertThat(project.resolve("out/deep/g")).hasContent("made\n");
        for (String call : List.of("copy_in;/etc/passwd;/srv/x", "copy_out;/srv/in;/etc/x")) {
            String[] parts = call.split(";", -1);
            assertThat(mcp.failure(
                                    parts[0],
                                    "{\"name\":\"box\",\"from\":\"" + parts[1] + "\",\"to\":\"" + parts[2] + "\"}")
                            .path("cause")
                            .asString())
                    .contains("on this host is not allowed");
        }
        assertThat(mcp.failure("instance_start", "{\"name\":\"other\",\"workspace\":\"/etc\"}")
                        .path("cause")
                        .asString())
                .contains("/etc on this host is not allowed");
        mcp.text(
                "instance_start",
                "{\"name\":\"other\",\"command\":[\"sleep\",\"infinity\"],\"workspace\":\"" + project + "\"}");
        assertThat(mcp.json("exec", "{\"name\":\"other\",\"command\":\"cat src/deep/f\"}")
                        .path("stdout")
                        .asString())
                .isEqualTo("from the host");
    }

    @Test
    void aStoppedInstanceStartsAgainWithWhatIsGiven() throws IOException {
        mcp.text("instance_stop", "{\"name\":\"box\"}");
        mcp.text(
                "instance_start",
                "{\"name\":\"box\",\"command\":[\"sleep\",\"4720\"],\"env\":{\"A\":\"b\"},\"memory_mb\":256,\"expose\":[80,81]}");
        JsonNode now = mcp.json("instance_info", "{\"name\":\"box\"}");
        assertThat(now.path("memory_mb").asInt()).isEqualTo(256);
        assertThat(now.path("expose_ports").toString()).isEqualTo("[80,81]");
        assertThat(stdout("echo $A; pgrep -fx 'sleep 4720' | wc -l")).isEqualTo("b\n1\n");
    }

    @Test
    void whatItsNetworkRefusedIsToldInItsLog() throws IOException {
        exec("\"command\":\"curl -sS -m 20 http://10.1.2.3/\"");
        assertThat(mcp.text("logs", "{\"name\":\"box\",\"network\":true}"))
                .contains("\"verdict\":\"refused\"", "10.1.2.3");
    }

    @Test
    void mistakesAreToldWithWhatToDo() throws IOException {
        assertThat(mcp.failure("exec", "{\"name\":\"box\",\"command\":\"true\",\"cwd\":\"/none\"}")
                        .path("cause")
                        .asString())
                .contains("working directory: No such file or directory; make it with mkdir -p");
        assertThat(mcp.failure("exec", "{\"name\":\"box\",\"command\":\"true\",\"user\":\"bob\"}")
                        .path("cause")
                        .asString())
                .contains("user bob: not in the guest's /etc/passwd");
    }

    @Test
    void twoHundredCallsOfAnyToolAtOnceAreAllRight() throws IOException {
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put("file_write", "\"path\":\"/srv/many/%d\",\"content\":\"%<d\"");
        calls.put("file_read", "\"path\":\"/srv/many/%d\"");
        calls.put("exec", "\"command\":[\"echo\",\"%d\"]");
        calls.put("instance_wait", "\"wait_s\":1");
        for (Map.Entry<String, String> call : calls.entrySet()) {
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int number = 0; number < 200; number++) {
                answers.add(mcp.later(
                        call.getKey(), "{\"name\":\"box\"," + call.getValue().formatted(number) + "}"));
            }
            for (int number = 0; number < 200; number++) {
                assertThat(answers.get(number).orTimeout(300, TimeUnit.SECONDS).join())
                        .contains(
                                call.getKey().startsWith("file_r")
                                                || call.getKey().equals("exec")
                                        ? "\n\n" + number
                                        : call.getKey().startsWith("file_w") ? "\"" + number : "running")
                        .doesNotStartWith("!");
            }
        }
    }

    @Test
    void manyProcessesRunAtATime() throws IOException {
        List<CompletableFuture<String>> started = new ArrayList<>();
        for (int number = 0; number < 100; number++) {
            started.add(mcp.later("exec", "{\"name\":\"box\",\"command\":\"sleep 1000\",\"background\":true}"));
        }
        for (CompletableFuture<String> each : started) {
            assertThat(each.orTimeout(100, TimeUnit.SECONDS).join()).startsWith("running: true\n");
        }
        assertThat(read(background("echo here", ""), ",\"wait_s\":60")
                        .path("text")
                        .asString())
                .isEqualTo("here\n");
    }

    @Test
    void whatAGuestPrintsOfItsSecretsIsHidden() throws IOException {
        HOME.aegis("secret", "set", "API_KEY", "canary-5d1f8e0b").ok();
        JsonNode run =
                mcp.json("run_code", "{\"language\":\"sh\",\"code\":\"echo key=$API_KEY\",\"secrets\":[\"API_KEY\"]}");
        assertThat(run.path("stdout").asString()).isEqualTo("key=[secret]\n");
        assertThat(mcp.said()).noneMatch(line -> line.contains("canary-5d1f8e0b"));
    }
}
