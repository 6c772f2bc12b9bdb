package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Sessions of {@code run_code} whose snippets do what drivers and their callers stumble over. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what a model is told of VMs that other classes use")
class McpContextsTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    private McpSession mcp;

    @BeforeEach
    void connect() throws IOException {
        mcp = HOME.mcp();
    }

    private void start(String image) throws IOException {
        mcp.text(
                "instance_start", "{\"name\":\"it\",\"image\":\"" + image + "\",\"command\":[\"sleep\",\"infinity\"]}");
    }

    private static String snippet(String context, String language, String code) {
        return "{\"name\":\"it\",\"context\":\"" + context + "\",\"language\":\"" + language
                + "\",\"timeout_s\":60,\"code\":\"" + code + "\"}";
    }

    private JsonNode run(String language, String code) throws IOException {
        return mcp.json("run_code", snippet("a", language, code));
    }

    private String said(String language, String code) throws IOException {
        JsonNode answer = run(language, code);
        assertThat(answer.path("exit_code").asInt(-1)).as(answer.toString()).isZero();
        return answer.path("stdout").asString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"aegis:base", "aegis:full"})
    void aForkedChildIsNoSecondDriverAndPoolsFindWhatIsDefined(String image) throws IOException {
        start(image);
        String fork =
                "import os, sys\\npid = os.fork()\\nif pid == 0: print('child'); sys.exit(0)\\nos.waitpid(pid, 0)\\nx = 1";
        assertThat(said("python", fork)).contains("child");
        for (int time = 0; time < 4; time++) {
            assertThat(said("python", "print(x)")).isEqualTo("1\n");
        }
        String pool = "from multiprocessing import Pool\\ndef f(x): return x * x\\n"
                + "with Pool(2) as pool: print(pool.map(f, [1, 2]))";
        assertThat(said("python", pool)).isEqualTo("[1, 4]\n");
    }

    /** An expression has 20 s for what it looks at. */
    @Test
    void whatIsWaitedForIsNoTimeOfAnExpression() throws IOException {
        start("aegis:base");
        String exec = "{\"name\":\"it\",\"command\":\"echo a; sleep 21; echo b\",\"grep\":\"b\"}";
        assertThat(mcp.text("exec", exec)).isEqualTo("exit_code: 0\n\n2:b\n");
    }

    @Test
    void aContextOfAnotherSessionIsNotTakenForThisOne() throws IOException {
        start("aegis:base");
        said("bash", "x=5");
        McpSession other = HOME.mcp();
        String asked = snippet("a", "bash", "echo $x.");
        assertThat(other.text("run_code", asked)).contains("this context is new", "\n.\n");
        assertThat(other.text("run_code", asked)).doesNotContain("this context is new");
        assertThat(mcp.text("run_code", asked))
                .doesNotContain("this context is new")
                .contains("5.\n");
        assertThat(other.text("run_code", snippet("b", "bash", "true"))).doesNotContain("this context is new");
    }

    @Test
    void aSnippetMayLeaveAProcessThatGoesOnWriting() throws IOException {
        start("aegis:base");
        assertThat(said("bash", "yes & y=7; sleep 0.2")).startsWith("y\ny\n");
        run("bash", "kill %1; wait");
        assertThat(said("bash", "echo kept $y")).endsWith("kept 7\n");
    }

    @Test
    void aContextThatExitsSaysSoWhateverItsNetworkRefused() throws IOException {
        start("aegis:base");
        JsonNode ended = run("bash", "curl -s -m 20 http://10.1.2.3/; exit 4");
        assertThat(ended.path("exit_code").asInt()).isEqualTo(4);
        assertThat(ended.path("notes").toString()).contains("its variables are lost; the next call starts it again");
    }

    @Test
    void whatComesBetweenCallsComesWithTheNextAndAnotherEnvironmentIsRefused() throws IOException {
        start("aegis:base");
        said(
                "python",
                "import threading, time\\nend = threading.Event()\\n"
                        + "late = threading.Thread(target=lambda: (end.wait(), print('late'), 1/0)); late.start()");
        said("python", "threading.Timer(0.1, end.set).start()");
        said("bash", "(until [ -e /srv/go ]; do sleep 0.1; done; echo later; touch /srv/gone) & :");
        mcp.json("exec", "{\"name\":\"it\",\"command\":\"touch /srv/go; until [ -e /srv/gone ]; do sleep 0.1; done\"}");
        assertThat(said("bash", "echo next")).isEqualTo("later\nnext\n");
        JsonNode after = run("python", "late.join(); 2");
        assertThat(after.path("stdout").asString()).isEqualTo("late\n2\n");
        assertThat(after.path("stderr").asString()).contains("ZeroDivisionError");
        String env = ",\"env\":{\"A\":\"1\"}}";
        String first = snippet("e", "bash", "echo $A").replaceFirst("}$", env);
        assertThat(mcp.json("run_code", first).path("stdout").asString()).isEqualTo("1\n");
        assertThat(mcp.json("run_code", first).path("stdout").asString()).isEqualTo("1\n");
        assertThat(mcp.failure("run_code", first.replace(":\"1\"", ":\"2\""))
                        .path("cause")
                        .asString())
                .contains("'env' is set when a context starts");
    }

    @Test
    void pythonWithoutAContextShowsWhatAContextDoes() throws IOException {
        start("aegis:base");
        String at = "{\"name\":\"it\",\"language\":\"python\",\"stdin\":\"typed\",\"timeout_s\":5,\"code\":\"";
        JsonNode late = mcp.json("run_code", at + "import time\\nprint(input())\\ntime.sleep(600)\"}");
        assertThat(late.path("timed_out").asBoolean(false)).isTrue();
        assertThat(late.path("stdout").asString()).isEqualTo("typed\n");
        JsonNode ended = mcp.json(
                "run_code",
                at + "import threading, time\\n"
                        + "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\\n[1]\"}");
        assertThat(ended.path("stdout").asString()).isEqualTo("[1]\nthread\n");
        JsonNode failed = mcp.json("run_code", at + "1/0\"}");
        assertThat(failed.path("exit_code").asInt()).isEqualTo(1);
        assertThat(failed.path("stderr").asString())
                .startsWith("Traceback (most recent call last):\n  File \"<snippet>\", line 1, in <module>\n    1/0\n");
    }

    @Test
    void javascriptMayWriteMuchAndReadStdin() throws IOException {
        start("aegis:full");
        JsonNode much =
                run("javascript", "let x = 40; console.error('e'.repeat(300000)); console.log('o'.repeat(300000))");
        assertThat(much.path("exit_code").asInt(-1)).as(much.toString()).isZero();
        assertThat(said("javascript", "require('fs').readFileSync(0, 'utf8').length"))
                .isEqualTo("0\n");
        String ask = "const rl = require('readline').createInterface({input: process.stdin});"
                + " rl.question('?', () => rl.close()); 0";
        assertThat(said("javascript", ask)).contains("0\n");
        assertThat(said("javascript", "x + 2")).isEqualTo("42\n");
    }

    @Test
    void javascriptAwaitsDeclaresAgainAndShowsNoFramesOfItsDriver() throws IOException {
        start("aegis:full");
        said("javascript", "const x = await Promise.resolve(40)");
        assertThat(said("javascript", "const x = 41; x + 1")).isEqualTo("42\n");
        assertThat(said("javascript", "const { sep } = await import('node:path'); sep"))
                .isEqualTo("'/'\n");
        assertThat(said("javascript", "const fs = 1, vm = 2, run = 3; fs + vm + run"))
                .as("names that its driver has, too")
                .isEqualTo("6\n");
        assertThat(run("javascript", "import fs from 'node:fs'").path("stderr").asString())
                .contains("await import(");
        JsonNode thrown = run("javascript", "function f() { throw new Error('no') }\\nf()");
        assertThat(thrown.path("exit_code").asInt()).isEqualTo(1);
        assertThat(thrown.path("stderr").asString())
                .isEqualTo("Error: no\n    at f (snippet:1:22)\n    at snippet:2:1\n");
        for (String endless : List.of("while (true) {}", "await new Promise(() => {})")) {
            JsonNode late = mcp.json(
                    "run_code", snippet("a", "javascript", endless).replace("\"timeout_s\":60", "\"timeout_s\":2"));
            assertThat(late.path("timed_out").asBoolean(false)).isTrue();
            assertThat(late.has("notes")).as(late.toString()).isFalse();
        }
        assertThat(said("javascript", "x")).isEqualTo("41\n");
    }

    @Test
    void anInterruptedLoopOfBashKeepsItsContext() throws IOException {
        start("aegis:base");
        said("bash", "x=7; f() { while true; do sleep 0.2; done; }");
        JsonNode late = mcp.json(
                "run_code",
                snippet("a", "bash", "while true; do f; done; echo not").replace(":60", ":2"));
        assertThat(late.path("timed_out").asBoolean(false)).isTrue();
        assertThat(late.path("stdout").asString()).isEmpty();
        assertThat(said("bash", "echo $x; for i in 1 2; do echo $i; done")).isEqualTo("7\n1\n2\n");
    }

    @Test
    void displaysAreTextAndAnSvgIsAPicture() throws IOException {
        start("aegis:full");
        said(
                "python",
                "class Page:\\n  def _repr_html_(self): return '<b>hi</b>'\\nclass Drawing(Page):\\n"
                        + "  def _repr_svg_(self): return '<svg xmlns=\\\"http://www.w3.org/2000/svg\\\" width=\\\"9\\\" height=\\\"9\\\"/>'");
        assertThat(said("python", "import sys\\ndisplay(Page())\\nprint('IPy' 'thon' in sys.modules)"))
                .isEqualTo("<b>hi</b>\nFalse\n");
        JsonNode drawn =
                mcp.result("run_code", snippet("a", "python", "Drawing()")).path("content");
        assertThat(drawn.at("/1/mimeType").asString()).as(drawn.toString()).isEqualTo("image/png");
        String displays =
                "from IPython.display import *\\ndisplay(HTML('<i>x</i>'), Markdown('# y'))\\nJSON({'a': [1]})";
        assertThat(said("python", displays)).isEqualTo("<i>x</i>\n# y\n{\"a\": [1]}\n");
        assertThat(said("python", "import asyncio\\nawait asyncio.sleep(0, Page)"))
                .contains("Page");
    }

    @Test
    void aSnippetTakesAnImageAndSaysWhatIsMissing() throws IOException {
        String full = "\"image\":\"aegis:full\",\"memory_mb\":256,\"language\":\"javascript\"";
        assertThat(mcp.json("run_code", "{" + full + ",\"code\":\"console.log(require('os').totalmem() < 300e6)\"}")
                        .path("stdout")
                        .asString())
                .isEqualTo("true\n");
        for (String context : List.of("", ",\"context\":\"n\"")) {
            JsonNode none = mcp.json(
                    "run_code", "{\"image\":\"aegis:base\",\"language\":\"javascript\",\"code\":\"1\"" + context + "}");
            assertThat(none.path("exit_code").asInt()).isEqualTo(127);
            assertThat(none.path("stderr").asString()).contains("no node in this image; aegis:full has");
        }
        for (String missing : List.of("aegis:none", "127.0.0.1:9/none:1")) {
            assertThat(mcp.failure("run_code", "{\"language\":\"sh\",\"code\":\"true\",\"image\":\"" + missing + "\"}")
                            .path("remedy")
                            .asString())
                    .contains("this host has aegis:base, aegis:full");
        }
    }

    @Test
    void whatIsTooLargeToBeShownIsSaid() throws IOException {
        start("aegis:full");
        String large = "from PIL import Image; import os; Image.frombytes('RGB', (1500, 1500), os.urandom(6750000))";
        assertThat(run("python", large).path("notes").toString()).contains("1 picture is not shown", ": displayed");
        assertThat(said("python", "1")).isEqualTo("1\n");
    }

    @Test
    void memoryThatRanOutIsSaid() throws IOException {
        String fill = "x = bytearray(1)\\nwhile True: x.extend(bytes(1 << 24))";
        JsonNode fresh = mcp.json("run_code", "{\"language\":\"python\",\"code\":\"" + fill + "\"}");
        assertThat(fresh.path("exit_code").asInt()).isEqualTo(137);
        assertThat(fresh.path("out_of_memory").asBoolean(false))
                .as(fresh.toString())
                .isTrue();
        mcp.text("instance_start", "{\"name\":\"hog\",\"command\":\"tail /dev/zero; exit $?\"}");
        JsonNode hog = mcp.json("instance_wait", "{\"name\":\"hog\"}");
        assertThat(hog.path("exit_code").asInt()).as(hog.toString()).isEqualTo(137);
        assertThat(mcp.text("logs", "{\"name\":\"hog\"}"))
                .contains("the guest ran out of memory (512 MB)", "start it with more: memory_mb 1024");
    }

    @Test
    void anErrorOfBashHasTheLineOfTheSnippet() throws IOException {
        start("aegis:base");
        String code = "f() {\\n nosuch1\\n}\\nif true; then\\n  nosuch2\\nfi\\nf\\necho $LINENO $#";
        JsonNode answer = run("bash", code);
        assertThat(answer.path("stderr").asString()).contains("bash: line 5: nosuch2: ", "line 2: nosuch1: ");
        assertThat(answer.path("stdout").asString()).isEqualTo("8 0\n");
    }

    @Test
    void oneContextTooManyEndsAnIdleOneAndSaysSoAndNoneThatRuns() throws IOException {
        start("aegis:base");
        for (int number = 0; number < 17; number++) {
            mcp.json("run_code", snippet("c" + number, "bash", "x=" + number));
        }
        JsonNode first = mcp.json("run_code", snippet("c0", "bash", "echo x=$x"));
        assertThat(first.path("stdout").asString()).isEqualTo("x=\n");
        assertThat(first.path("notes").toString()).contains("was started again");
        List<CompletableFuture<String>> running = new ArrayList<>();
        for (int number = 0; number < 16; number++) {
            running.add(mcp.later(
                    "run_code",
                    snippet(
                            "r" + number,
                            "bash",
                            "echo >>/srv/began; until [ -e /srv/go ]; do sleep 0.3; done; echo done")));
        }
        mcp.json("exec", "{\"name\":\"it\",\"command\":\"until [ $(wc -l </srv/began) = 16 ]; do sleep 0.1; done\"}");
        assertThat(mcp.failure("run_code", snippet("more", "bash", "true"))
                        .path("cause")
                        .asString())
                .contains("snippets run in 16 contexts");
        mcp.json("exec", "{\"name\":\"it\",\"command\":\"touch /srv/go\"}");
        for (CompletableFuture<String> each : running) {
            assertThat(each.orTimeout(100, TimeUnit.SECONDS).join()).contains("done");
        }
    }

    @Test
    void editsOfOneFileAtOnceAreAllKept() throws IOException {
        start("aegis:base");
        mcp.json("exec", "{\"name\":\"it\",\"command\":\"seq -f a%g. 50 > /srv/f\"}");
        List<CompletableFuture<String>> edits = new ArrayList<>();
        for (int line = 1; line <= 50; line++) {
            edits.add(mcp.later(
                    "file_edit",
                    "{\"name\":\"it\",\"path\":\"/srv/f\",\"old\":\"a" + line + ".\",\"new\":\"b" + line + ".\"}"));
        }
        for (CompletableFuture<String> each : edits) {
            assertThat(each.orTimeout(100, TimeUnit.SECONDS).join()).contains("\"replaced\":1");
        }
        assertThat(mcp.json("exec", "{\"name\":\"it\",\"command\":\"grep -c b /srv/f\"}")
                        .path("stdout")
                        .asString())
                .isEqualTo("50\n");
    }
}
