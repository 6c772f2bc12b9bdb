package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a model sees of its guests: pictures, sessions that keep their variables, servers at ports. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what a model is told of VMs that other classes use")
class McpShowTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    /** Writes a PNG of some size without a library. */
    private static final String PNG = "import zlib,struct\\n"
            + "def png(path, w, h):\\n"
            + "  c=lambda t,d: struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))\\n"
            + "  open(path,'wb').write(b'\\\\x89PNG\\\\r\\\\n\\\\x1a\\\\n'+c(b'IHDR',struct.pack('>IIBBBBB',w,h,8,0,0,0,0))"
            + "+c(b'IDAT',zlib.compress(b'\\\\0'*(w+1)*h))+c(b'IEND',b''))\\n";

    private McpSession mcp;

    @BeforeEach
    void connect() throws IOException {
        mcp = HOME.mcp();
    }

    private static void assertIsPicture(JsonNode content) {
        assertThat(content.path("type").asString()).isEqualTo("image");
        assertThat(content.path("mimeType").asString()).isEqualTo("image/png");
        assertThat(Base64.getDecoder().decode(content.path("data").asString())).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void picturesAreShown() throws IOException {
        JsonNode run = mcp.result(
                "run_code", "{\"language\":\"python\",\"code\":\"" + PNG + "png('a.png', 64, 48)\\nprint('drawn')\"}");
        assertThat(run.at("/content/0/text").asString())
                .isEqualTo("exit_code: 0\nnote: picture 1: a.png, image/png, 64 x 48\n\ndrawn\n");
        assertThat(run.has("structuredContent")).isFalse();
        assertIsPicture(run.at("/content/1"));
        mcp.text("instance_start", "{\"name\":\"box\",\"command\":[\"sleep\",\"infinity\"]}");
        mcp.text(
                "run_code",
                "{\"name\":\"box\",\"language\":\"python\",\"code\":\"" + PNG
                        + "png('/srv/small.png', 10, 20); png('/srv/large.png', 4000, 10)\"}");
        JsonNode read = mcp.result("file_read", "{\"name\":\"box\",\"path\":\"/srv/small.png\"}");
        assertThat(read.at("/content/0/text").asString()).isEqualTo("picture: /srv/small.png, image/png, 10 x 20");
        assertIsPicture(read.at("/content/1"));
        assertThat(mcp.failure("file_read", "{\"name\":\"box\",\"path\":\"/srv/large.png\"}")
                        .path("remedy")
                        .asString())
                .contains("2000 x 2000", "aegis:full has Pillow");
        assertThat(mcp.json("file_read", "{\"name\":\"box\",\"path\":\"/srv/large.png\",\"encoding\":\"base64\"}")
                        .path("text")
                        .asString())
                .startsWith("iVBOR");
    }

    private JsonNode context(String language, String code, String more) throws IOException {
        return mcp.json(
                "run_code",
                "{\"context\":\"a\",\"language\":\"" + language + "\",\"code\":\"" + code + "\"" + more + "}");
    }

    /** One has IPython, the other a plain interpreter. */
    @ParameterizedTest
    @ValueSource(strings = {"aegis:base", "aegis:full"})
    void aSessionKeepsItsVariablesThroughAnInterrupt(String image) throws IOException {
        mcp.text(
                "instance_start",
                "{\"name\":\"kept\",\"image\":\"" + image + "\",\"command\":[\"sleep\",\"infinity\"]}");
        String kept = ",\"name\":\"kept\"";
        assertThat(context("python", "import os\\nx = 40\\nos.chdir('/tmp')", kept + ",\"timeout_s\":3")
                        .path("exit_code")
                        .asInt(-1))
                .isZero();
        assertThat(context("python", "x + 2", kept).path("stdout").asString()).isEqualTo("42\n");
        JsonNode endless = context("python", "print('on')\\nwhile True: pass", kept + ",\"timeout_s\":2");
        assertThat(endless.path("timed_out").asBoolean(false)).isTrue();
        assertThat(endless.path("stdout").asString()).isEqualTo("on\n");
        assertThat(endless.path("stderr").asString()).contains("KeyboardInterrupt");
        JsonNode after = context("python", "print(x, os.getcwd())\\n1/0", kept);
        assertThat(after.path("stdout").asString()).as(after.toString()).isEqualTo("40 /tmp\n");
        assertThat(after.path("stderr").asString())
                .startsWith("Traceback (most recent call last):\n")
                .contains("ZeroDivisionError");
        assertThat(after.path("exit_code").asInt()).isEqualTo(1);
        String broken = "class Broken:\\n  def __repr__(self): raise KeyError('inside')\\nBroken()";
        assertThat(context("python", broken, kept).path("stderr").asString()).contains("KeyError: 'inside'");
        JsonNode left = context("python", "print(x)\\nimport sys\\nsys.exit(3)", kept);
        assertThat(left.path("exit_code").asInt()).isEqualTo(3);
        assertThat(left.path("stdout").asString() + left.path("stderr").asString())
                .isEqualTo("40\n");
        assertThat(context("python", "exit(4)", kept).path("exit_code").asInt()).isEqualTo(4);
        assertThat(context("python", "x", kept + ",\"restart\":true")
                        .path("stderr")
                        .asString())
                .contains("NameError");
        context("bash", "y=7; cd /usr", kept);
        assertThat(context("bash", "echo $y; pwd; false", kept).path("stdout").asString())
                .isEqualTo("7\n/usr\n");
        JsonNode gone = context("python", "import os\\nos._exit(3)", kept);
        assertThat(gone.path("notes").toString()).contains("the context has ended");
        assertThat(context("python", "1", kept).path("stdout").asString()).isEqualTo("1\n");
    }

    @Test
    void aSessionSurvivesAPauseAndTheTimeOfItsFirstSnippet() throws IOException {
        mcp.text("instance_start", "{\"name\":\"nap\",\"command\":[\"sleep\",\"infinity\"]}");
        context("bash", "kept=7", ",\"name\":\"nap\",\"timeout_s\":5");
        mcp.text("instance_pause", "{\"name\":\"nap\"}");
        assertThat(context("bash", "sleep 5; echo $kept", ",\"name\":\"nap\"")
                        .path("stdout")
                        .asString())
                .isEqualTo("7\n");
    }

    @Test
    void aForkGoesOnWithItsSessions() throws IOException {
        mcp.text("instance_start", "{\"name\":\"tree\",\"command\":[\"sleep\",\"infinity\"]}");
        for (String language : List.of("python", "bash")) {
            context(language, "x=40", ",\"name\":\"tree\"");
        }
        mcp.text("fork", "{\"name\":\"tree\",\"count\":2,\"prefix\":\"try\"}");
        mcp.text("fork", "{\"name\":\"try-2\",\"prefix\":\"late\"}");
        context("python", "x += 1", ",\"name\":\"try-1\"");
        assertThat(context("python", "x", ",\"name\":\"try-1\"").path("stdout").asString())
                .isEqualTo("41\n");
        for (String fork : List.of("tree", "try-2", "late-1")) {
            assertThat(context("python", "x", ",\"name\":\"" + fork + "\"")
                            .path("stdout")
                            .asString())
                    .isEqualTo("40\n");
            assertThat(context("bash", "echo $x", ",\"name\":\"" + fork + "\"")
                            .path("stdout")
                            .asString())
                    .isEqualTo("40\n");
        }
        mcp.text("fork", "{\"name\":\"tree\",\"prefix\":\"anew\"}");
        assertThat(context("python", "x", ",\"name\":\"anew-1\",\"restart\":true")
                        .path("stderr")
                        .asString())
                .contains("NameError");
    }

    /** What only aegis:full has. */
    @Test
    void theFullImageDrawsPlotsMakesPicturesSmallerAndRunsJavascript() throws IOException {
        String plot = "import matplotlib.pyplot as plt\\nimport numpy as np\\nplt.plot(np.arange(9) ** 2)\\nplt.show()";
        assertIsPicture(shown("python", plot).path(1));
        String two = plot.replace("plt.show()", "plt.savefig('saved.png')\\nplt.figure()\\nplt.plot([2])");
        JsonNode drawn = mcp.result("run_code", "{\"language\":\"python\",\"code\":\"" + two + "\"}");
        assertIsPicture(drawn.at("/content/3"));
        assertThat(drawn.at("/content/0/text").asString()).contains(": figure 1,", ": figure 2,", ": saved.png,");
        context("javascript", "let x = 40", "");
        assertThat(context("javascript", "import('node:fs').then((fs) => x + (fs.existsSync('/') ? 2 : 0))", "")
                        .path("stdout")
                        .asString())
                .isEqualTo("42\n");
        mcp.text("instance_start", "{\"name\":\"wide\",\"image\":\"aegis:full\",\"command\":[\"sleep\",\"infinity\"]}");
        mcp.text(
                "run_code",
                "{\"name\":\"wide\",\"language\":\"python\",\"code\":\"" + PNG + "png('/srv/large.png', 4000, 10)\\n"
                        + "open('/srv/a.svg', 'w').write('<svg xmlns=\\\"http://www.w3.org/2000/svg\\\" width=\\\"9\\\" height=\\\"9\\\"/>')\"}");
        for (String file : List.of("/srv/large.png\"", "/srv/a.svg\",\"encoding\":\"picture\"")) {
            JsonNode read = mcp.result("file_read", "{\"name\":\"wide\",\"path\":\"" + file + "}");
            assertIsPicture(read.at("/content/1"));
            assertThat(read.at("/content/0/text").asString())
                    .endsWith(file.contains("svg") ? "drawn from SVG" : "a copy; the original is 4000 x 10");
        }
    }

    private JsonNode shown(String language, String code) throws IOException {
        return mcp.result("run_code", "{\"context\":\"p\",\"language\":\"" + language + "\",\"code\":\"" + code + "\"}")
                .path("content");
    }

    @Test
    void aSessionShowsEachPictureOnce() throws IOException {
        JsonNode python = shown("python", PNG + "png('a.png', 9, 9)");
        JsonNode bash = shown("bash", "cd /srv; python3 - <<'E'\\n" + PNG + "png('b.png', 8, 8)\\nE");
        for (JsonNode content : List.of(python, bash)) {
            assertThat(content).hasSize(2);
            assertIsPicture(content.path(1));
        }
        assertThat(shown("python", "1")).hasSize(1);
        assertThat(shown("bash", "true")).hasSize(1);
    }

    private static String fetched(String url) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    @Test
    void aPortComesAndGoesAndAServerIsWaitedFor() throws IOException {
        String start = mcp.text(
                "instance_start",
                "{\"name\":\"web\",\"command\":\"mkdir /w; cd /w; echo hi > f; sleep 2; python3 -m http.server 80\",\"expose\":[80],"
                        + "\"wait_for_port\":80}");
        assertThat(start).hasSizeLessThan(300).contains("\"listening\":true");
        String url = McpSession.parse(start).at("/ports/0/url").asString();
        assertThat(fetched(url + "/f")).isEqualTo("hi\n");
        String server =
                "{\"name\":\"web\",\"command\":\"sleep 1; python3 -m http.server 90\",\"cwd\":\"/w\",\"background\":true}";
        mcp.text("exec", server);
        assertThat(mcp.json("instance_wait", "{\"name\":\"web\",\"port\":90}")
                        .path("listening")
                        .asBoolean(false))
                .isTrue();
        JsonNode exposed = mcp.json("instance_expose", "{\"name\":\"web\",\"port\":90}");
        assertThat(fetched(exposed.at("/ports/1/url").asString() + "/f")).isEqualTo("hi\n");
        assertThat(mcp.json("instance_expose", "{\"name\":\"web\",\"port\":90,\"remove\":true}")
                        .path("ports"))
                .hasSize(1);
        HOME.aegis("instance", "expose", "web", "19090:90").ok();
        assertThat(HOME.aegis("port", "web").ok().stdout()).contains("http://127.0.0.1:19090 → 90/http");
        assertThat(fetched("http://127.0.0.1:19090/f")).isEqualTo("hi\n");
        HOME.aegis("instance", "unexpose", "web", "90").ok();
        mcp.text("exec", "{\"name\":\"web\",\"command\":\"(sleep 1; pkill -f 'http.server 80') >/dev/null 2>&1 &\"}");
        JsonNode ended = mcp.json("instance_wait", "{\"name\":\"web\",\"wait_s\":60}");
        assertThat(ended.has("exit_code")).isTrue();
    }
}
