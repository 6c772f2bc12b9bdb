package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** The MCP server with real VMs behind it. */
@Tag("vm")
@NotInOuterVm("what a model is told of VMs that other classes use")
class McpTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    private McpSession mcp;

    @BeforeEach
    void connect() throws IOException {
        mcp = HOME.mcp();
    }

    private void box() throws IOException {
        JsonNode started = mcp.json("instance_start", "{\"name\":\"box\",\"command\":[\"sleep\",\"infinity\"]}");
        assertThat(started.path("state").asString()).isEqualTo("running");
    }

    private JsonNode exec(String arguments) throws IOException {
        return mcp.json("exec", "{\"name\":\"box\"," + arguments + "}");
    }

    @Test
    void aSnippetNeedsNothingElse() throws IOException {
        JsonNode ended =
                mcp.json("run_code", "{\"language\":\"python\",\"code\":\"import sys\\nprint(6*7)\\nsys.exit(3)\"}");
        assertThat(ended.path("exit_code").asInt()).isEqualTo(3);
        assertThat(ended.path("stdout").asString()).isEqualTo("42\n");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(mcp.text("instance_list", "{}")).isEqualTo("{\"items\":[]}"));
        JsonNode read = mcp.json(
                "run_code",
                "{\"language\":\"sh\",\"code\":\"cat; echo $A >&2\",\"stdin\":\"in\",\"env\":{\"A\":\"b\"}}");
        assertThat(read.path("stdout").asString()).isEqualTo("in\n");
        assertThat(read.path("stderr").asString()).isEqualTo("b\n");
        JsonNode missing = mcp.failure("run_code", "{\"language\":\"ruby\",\"code\":\"1\"}");
        assertThat(missing.path("cause").asString()).contains("one of these: python, bash, sh, perl");
        JsonNode endless = mcp.json(
                "run_code", "{\"language\":\"sh\",\"code\":\"echo a; seq 9000 >&2; sleep 600\",\"timeout_s\":3}");
        assertThat(endless.path("notes").toString())
                .contains("what this answer leaves out, or shows as U+FFFD, is not kept");
        assertThat(endless.has("stderr_cursor")).isFalse();
        assertThat(endless.path("timed_out").asBoolean(false)).isTrue();
        assertThat(endless.path("exit_code").asInt()).isEqualTo(124);
        assertThat(endless.path("stdout").asString()).isEqualTo("a\n");
    }

    @Test
    void whatWasRefusedIsToldWithWhatWouldAllowIt() throws IOException {
        JsonNode ended = mcp.json(
                "run_code",
                "{\"language\":\"sh\",\"code\":\"curl -sS -m 20 http://a.test/\",\"allow\":[\"b.test\"],\"network_rate\":\"10M\"}");
        assertThat(ended.path("exit_code").asInt()).isEqualTo(6);
        assertThat(ended.path("notes").toString())
                .contains("refused: a.test is not in the policy; allow it with allow ['a.test']");
    }

    @Test
    void theHostIsAPersonsToOpen() throws IOException {
        for (String rule : List.of("host.aegis:8080", "127.0.0.1:8080", "169.254.169.254")) {
            String allow = "\"allow\":[\"a.test\",\"" + rule + "\"]}";
            for (JsonNode refused : List.of(
                    mcp.failure("instance_start", "{\"name\":\"opened\",\"command\":[\"true\"]," + allow),
                    mcp.failure("run_code", "{\"language\":\"sh\",\"code\":\"true\"," + allow))) {
                assertThat(refused.path("cause").asString())
                        .contains("the rule " + rule
                                + " gives the guest access to this host, which a person has to allow");
            }
        }
        box();
        Path config = HOME.directory().resolve("config.toml");
        for (String rule : List.of("host.aegis:8080", "127.0.0.1:8080")) {
            JsonNode failure = mcp.failure("instance_network", network("allow", rule));
            assertThat(failure.path("cause").asString())
                    .contains("gives the guest access to this host, which a person has to allow");
            assertThat(failure.path("remedy").asString())
                    .isEqualTo("ask the person to write mcp.allow_host_ports = [8080] into " + config);
        }
        String before = Files.exists(config) ? Files.readString(config) : "";
        try {
            Files.writeString(config, before + "\n[mcp]\nallow_host_ports = [8080]\n");
            mcp.json(
                    "instance_start",
                    "{\"name\":\"opened\",\"command\":[\"sleep\",\"60\"],\"allow\":[\"host.aegis:8080\"]}");
            assertThat(mcp.text("instance_network", network("allow", "host.aegis:8080")))
                    .contains("host.aegis:8080");
        } finally {
            Files.writeString(config, before);
        }
        mcp.json("instance_stop", "{\"name\":\"opened\"}");
        mcp.json("instance_start", "{\"name\":\"opened\",\"memory_mb\":512}");
        assertThat(HOME.aegis("network", "show", "opened").ok().stdout()).contains("host.aegis:8080");
        mcp.json("fork", "{\"name\":\"opened\",\"prefix\":\"again\"}");
        assertThat(HOME.aegis("network", "show", "again-1").ok().stdout()).contains("host.aegis:8080");
        for (String name : List.of("opened", "again-1")) {
            mcp.json("instance_delete", "{\"name\":\"" + name + "\"}");
        }
    }

    private static String network(String action, String rule) {
        return "{\"name\":\"box\",\"action\":\"" + action + "\",\"rules\":[\"" + rule + "\"]}";
    }

    @Test
    void theNetworkOfARunningInstanceIsChanged() throws IOException {
        box();
        assertThat(mcp.text("instance_network", network("deny", "a.test"))).contains("\"deny\":[\"a.test\"]");
        JsonNode refused = mcp.json("instance_network", network("test", "https://a.test/"));
        assertThat(refused.at("/items/0/allowed").asBoolean(true)).isFalse();
        assertThat(refused.at("/items/0/reason").asString()).contains("refused by the rule deny a.test");
        JsonNode asked =
                mcp.json("exec", "{\"name\":\"box\",\"command\":[\"curl\",\"-sS\",\"-m\",\"20\",\"http://a.test/\"]}");
        assertThat(asked.path("notes").toString()).contains("refused by the rule deny a.test");
        assertThat(mcp.text("instance_info", "{\"name\":\"box\"}")).contains("rule deny a.test");
        assertThat(mcp.text("logs", "{\"name\":\"box\",\"network\":true}")).contains("rule deny a.test");
        mcp.text("instance_network", network("allow", "a.test"));
        assertThat(mcp.json("instance_network", "{\"name\":\"box\",\"action\":\"show\"}")
                        .path("allow")
                        .toString())
                .isEqualTo("[\"a.test\"]");
        assertThat(mcp.failure("instance_network", network("allow", "localhost:8410"))
                        .path("cause")
                        .asString())
                .contains("write host.aegis:8410");
        assertThat(mcp.said()).noneMatch(line -> line.contains("--allow") || line.contains("--deny"));
    }

    @Test
    void anInstanceFromStartToDelete() throws IOException {
        box();
        JsonNode ended =
                exec("\"command\":[\"sh\",\"-c\",\"cat; pwd; echo $A; id -un; exit 7\"],\"stdin\":\"typed \\u00e4\\n\","
                        + "\"cwd\":\"/tmp\",\"env\":{\"A\":\"b c\"},\"user\":\"nobody\"");
        assertThat(ended.path("exit_code").asInt()).isEqualTo(7);
        assertThat(ended.path("stdout").asString()).isEqualTo("typed \u00e4\n/tmp\nb c\nnobody\n");
        assertThat(exec("\"command\":\"echo $((2+3)) | tee /root/kept; sync\"")
                        .path("stdout")
                        .asString())
                .isEqualTo("5\n");
        assertThat(mcp.json("run_code", "{\"language\":\"bash\",\"code\":\"cat /root/kept\",\"name\":\"box\"}")
                        .path("stdout")
                        .asString())
                .isEqualTo("5\n");
        assertThat(mcp.failure("instance_start", "{\"name\":\"box\",\"command\":\"true\"}")
                        .path("code")
                        .asString())
                .isEqualTo("handle_in_use");
        mcp.text("instance_pause", "{\"name\":\"box\"}");
        assertThat(mcp.text("instance_list", "{\"state\":\"paused\"}")).contains("box");
        mcp.text("instance_pause", "{\"name\":\"box\",\"resume\":true}");
        mcp.text("instance_stop", "{\"name\":\"box\"}");
        JsonNode stopped = mcp.failure("exec", "{\"name\":\"box\",\"command\":\"true\"}");
        assertThat(stopped.path("remedy").asString()).contains("instance_start");
        mcp.text("instance_disable", "{\"name\":\"box\"}");
        assertThat(mcp.json("instance_start", "{\"name\":\"box\"}")
                        .path("enabled")
                        .asBoolean(false))
                .isTrue();
        assertThat(exec("\"command\":\"cat /root/kept\"").path("stdout").asString())
                .isEqualTo("5\n");
        assertThat(mcp.text("logs", "{\"name\":\"box\"}")).contains(" stdout 5");
        mcp.text("instance_delete", "{\"name\":\"box\"}");
        assertThat(mcp.failure("instance_info", "{\"name\":\"box\"}")
                        .path("code")
                        .asString())
                .isEqualTo("not_found");
    }

    @Test
    void hugeOutputsAndHungCommandsLeaveTheServerUsable() throws IOException {
        box();
        JsonNode flood = exec("\"command\":\"yes | head -c 50000000; echo oops >&2\"");
        assertThat(flood.path("exit_code").asInt()).isZero();
        assertThat(flood.path("stdout").asString())
                .hasSizeBetween(16 * 1024, 17 * 1024)
                .contains(" of 50000000 bytes are left out here")
                .endsWith("y\n");
        assertThat(flood.path("stderr").asString()).isEqualTo("oops\n");
        JsonNode next = mcp.json(
                "output_read", "{\"cursor\":\"" + flood.path("stdout_cursor").asString() + "\"}");
        assertThat(next.path("text").asString()).hasSize(16 * 1024).startsWith("y\n");
        String begin = flood.path("stdout_cursor").asString().replaceFirst(":.*", ":0");
        JsonNode bytes = mcp.ask("resources/read", "{\"uri\":\"aegis://output/" + begin + "\"}");
        byte[] kept =
                Base64.getDecoder().decode(bytes.at("/result/contents/0/blob").asString());
        assertThat(kept.length).as("to the first byte that is not kept").isEqualTo(1 << 20);
        assertThat(Arrays.copyOf(kept, 4)).asString().isEqualTo("y\ny\n");
        String raw = exec("\"command\":\"printf 'a\\\\200\\\\0'\"")
                .path("stdout_cursor")
                .asString();
        JsonNode noText = mcp.ask("resources/read", "{\"uri\":\"aegis://output/" + raw + "\"}");
        assertThat(noText.at("/result/contents/0/blob").asString()).isEqualTo("YYAA");
        CompletableFuture<String> hung =
                mcp.later("exec", "{\"name\":\"box\",\"command\":\"sleep 600\",\"timeout_s\":5}");
        assertThat(exec("\"command\":\"echo here\"").path("stdout").asString()).isEqualTo("here\n");
        assertThat(hung).isNotDone();
        JsonNode late = McpSession.parse(hung.orTimeout(60, TimeUnit.SECONDS).join());
        assertThat(late.path("exit_code").asInt()).isEqualTo(124);
        assertThat(late.path("timed_out").asBoolean(false)).isTrue();
    }

    @Test
    void aLongPatchIsReadPieceByPiece() throws IOException {
        box();
        exec("\"command\":\"mkdir /srv/long; seq 200 > /srv/long/f\"");
        String diff = "{\"name\":\"box\",\"path\":\"/srv/long\",\"patch\":true";
        StringBuilder pieces = new StringBuilder();
        String offset = "0";
        while (!offset.isEmpty()) {
            String piece = mcp.text("diff", diff + ",\"max_bytes\":256,\"offset\":" + offset + "}");
            pieces.append(piece, piece.indexOf("\n\n") + 2, piece.length());
            offset = McpSession.parse(piece).path("next_offset").asString("");
        }
        assertThat(mcp.text("diff", diff + "}")).endsWith("+200\n").endsWith("\n\n" + pieces);
    }

    @Test
    void aCommandThatIsTakenBackEndsWithAllThatItStarted() throws IOException {
        box();
        CompletableFuture<String> endless = mcp.later(
                "exec", "{\"name\":\"box\",\"command\":\"touch /tmp/begun; setsid sleep 4711 & sleep 4711\"}");
        int id = mcp.latest();
        String count = "\"command\":\"ls /tmp/begun; pgrep -fx 'sleep 4711' | wc -l\"";
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(exec(count).path("stdout").asString()).isEqualTo("/tmp/begun\n2\n"));
        mcp.takeBack(id);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(exec(count).path("stdout").asString()).isEqualTo("/tmp/begun\n0\n"));
        assertThat(endless).isNotDone();
    }

    @Test
    void filesAreReadInPiecesAndWrittenAsAWhole() throws IOException {
        box();
        String text = "\u00e4\u20ac".repeat(30_000);
        mcp.text("file_write", "{\"name\":\"box\",\"path\":\"/srv/new/dir/f\",\"content\":\"" + text + "\"}");
        StringBuilder read = new StringBuilder();
        long offset = 0;
        while (offset >= 0) {
            JsonNode piece =
                    mcp.json("file_read", "{\"name\":\"box\",\"path\":\"/srv/new/dir/f\",\"offset\":" + offset + "}");
            read.append(piece.path("text").asString());
            offset = piece.path("next_offset").asLong(-1);
        }
        assertThat(read.toString()).isEqualTo(text);
        mcp.text(
                "file_write",
                "{\"name\":\"box\",\"path\":\"/srv/new/bytes\",\"content\":\"AP8K\",\"encoding\":\"base64\"}");
        assertThat(exec("\"command\":\"od -An -tx1 /srv/new/bytes\"")
                        .path("stdout")
                        .asString())
                .isEqualTo(" 00 ff 0a\n");
        assertThat(mcp.json("file_read", "{\"name\":\"box\",\"path\":\"/srv/new/bytes\",\"encoding\":\"base64\"}")
                        .path("text")
                        .asString())
                .isEqualTo("AP8K");
        assertThat(mcp.json("file_list", "{\"name\":\"box\",\"path\":\"/srv/new\"}")
                        .path("entries"))
                .hasSize(2)
                .anyMatch(entry -> entry.path("type").asString().equals("directory"));
        assertThat(mcp.failure("file_read", "{\"name\":\"box\",\"path\":\"/srv/none\"}")
                        .path("code")
                        .asString())
                .isEqualTo("file_not_found");
        assertThat(mcp.failure(
                                "file_write",
                                "{\"name\":\"box\",\"path\":\"/root/x\",\"content\":\"\",\"user\":\"nobody\"}")
                        .path("code")
                        .asString())
                .isEqualTo("file_denied");
    }

    @Test
    void twentyCallsAtOnceAreEachAnsweredRight() throws IOException {
        box();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int call = 0; call < 20; call++) {
            answers.add(mcp.later("exec", "{\"name\":\"box\",\"command\":[\"echo\",\"call " + call + "\"]}"));
        }
        for (int call = 0; call < 20; call++) {
            JsonNode ended = McpSession.parse(
                    answers.get(call).orTimeout(120, TimeUnit.SECONDS).join());
            assertThat(ended.path("stdout").asString()).isEqualTo("call " + call + "\n");
        }
    }

    @Test
    void aDaemonThatIsKilledIsStartedAgainAndTheSessionGoesOn() throws IOException {
        box();
        CompletableFuture<String> caught =
                mcp.later("exec", "{\"name\":\"box\",\"command\":\"echo begun; sleep 600\",\"timeout_s\":500}");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> mcp.text("logs", "{\"name\":\"box\"}").contains("begun"));
        HOME.killDaemon();
        String broken = caught.orTimeout(60, TimeUnit.SECONDS).join();
        assertThat(broken).startsWith("!").contains("daemon_unavailable", "instance_start");
        assertThat(mcp.json("instance_info", "{\"name\":\"box\"}").path("state").asString())
                .isEqualTo("stopped");
        assertThat(mcp.json("instance_start", "{\"name\":\"box\"}")
                        .path("state")
                        .asString())
                .isEqualTo("running");
        assertThat(exec("\"command\":\"echo again\"").path("stdout").asString()).isEqualTo("again\n");
    }

    @Test
    void noAnswerHasTheValueOfASecret() throws IOException {
        String canary = "canary-" + Long.toHexString(System.nanoTime() | 1L << 62);
        mcp.text("secret_set", "{\"key\":\"API_KEY\",\"value\":\"" + canary + "\"}");
        mcp.failure("secret_set", "{\"key\":\"" + canary + " x\",\"value\":\"v\"}");
        mcp.failure("secret_set", "{\"key\":\"A\",\"valeu\":\"" + canary + "\"}");
        assertThat(mcp.text("secret_list", "{}")).contains("API_KEY");
        JsonNode known =
                mcp.json("run_code", "{\"language\":\"sh\",\"code\":\"echo ${#API_KEY}\",\"secrets\":[\"API_KEY\"]}");
        assertThat(known.path("stdout").asString()).isEqualTo(canary.length() + "\n");
        assertThat(mcp.failure("run_code", "{\"language\":\"sh\",\"code\":\"true\",\"secrets\":[\"NONE\"]}")
                        .path("remedy")
                        .asString())
                .contains("aegis secret set");
        mcp.text("secret_delete", "{\"key\":\"API_KEY\"}");
        assertThat(mcp.text("secret_list", "{}")).isEqualTo("{\"items\":[]}");
        assertThat(mcp.said()).noneMatch(line -> line.contains(canary));
        assertThat(mcp.end()).isZero();
    }

    @Test
    void aStartThatFailsSaysWhy() throws IOException {
        JsonNode failure = mcp.failure("instance_start", "{\"name\":\"bad\",\"command\":[\"no-such-program\"]}");
        assertThat(failure.path("code").asString()).isEqualTo("command_not_found");
        assertThat(failure.path("cause").asString()).contains("no-such-program", "its log ends with: ");
        assertThat(mcp.text("instance_list", "{}"))
                .as("one that never ran is gone")
                .isEqualTo("{\"items\":[]}");
        assertThat(Path.of(HOME.directory().toString(), "aegisd.sock")).exists();
    }
}
