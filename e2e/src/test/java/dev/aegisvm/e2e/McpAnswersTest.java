package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a model is told of its guests is true, and short. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what a model is told of VMs that other classes use")
class McpAnswersTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    @TempDir
    Path project;

    private McpSession mcp;

    @BeforeEach
    void connect() throws IOException {
        mcp = HOME.mcp(project);
        mcp.text("instance_start", "{\"name\":\"box\",\"command\":[\"sleep\",\"infinity\"]}");
    }

    private JsonNode exec(String command) throws IOException {
        return mcp.json("exec", "{\"name\":\"box\",\"command\":\"" + command + "\"}");
    }

    private JsonNode snippet(String instance, String code) throws IOException {
        return mcp.json(
                "run_code",
                "{\"name\":\"" + instance + "\",\"context\":\"w\",\"language\":\"bash\",\"code\":\"" + code + "\"}");
    }

    private String background(String command) throws IOException {
        return mcp.json("exec", "{\"name\":\"box\",\"background\":true,\"command\":\"" + command + "\"}")
                .path("id")
                .asString();
    }

    @Test
    void listsAreShortAndContextsAreCalledByTheirNames() throws IOException {
        snippet("box", "true");
        String id = background("sleep 1000; echo " + "x".repeat(8000));
        String mine = mcp.text("process_list", "{\"name\":\"box\"}");
        assertThat(mine)
                .contains("context w (bash)", id, "sleep 1000; echo xxx")
                .hasSizeLessThan(600);
        try (McpSession other = HOME.mcp()) {
            assertThat(other.text("process_list", "{\"name\":\"box\"}"))
                    .contains("context w (bash)", id)
                    .hasSizeLessThan(600);
        }
    }

    @Test
    void cachesAreLeftOutOfListsAndDifferencesUnlessTheyAreWanted() throws IOException {
        Files.writeString(project.resolve("a.py"), "x = 1\n");
        mcp.text(
                "instance_start",
                "{\"name\":\"copied\",\"command\":[\"sleep\",\"infinity\"],\"workspace\":\"" + project + ":copy\"}");
        String make =
                "mkdir -p d/__pycache__ .git/hooks .mypy_cache; echo x | tee d/__pycache__/a.pyc .mypy_cache/x .git/HEAD; echo y >a.py;"
                        + " ln -s a.py l; echo x >.git/hooks/pre-commit";
        mcp.json("exec", "{\"name\":\"copied\",\"command\":\"" + make + "\"}");
        String diff = mcp.text("diff", "{\"name\":\"copied\"}");
        assertThat(diff)
                .contains("changed a.py (2 bytes)\n", "added l (", "-> a.py", "added .git/hooks/pre-commit (")
                .doesNotContain("_cache/x", "a.pyc")
                .containsPattern("skipped: \\d below \\.git and caches");
        assertThat(mcp.text("diff", "{\"name\":\"copied\",\"all\":true}")).contains("_cache/x", "a.pyc");
        String list = "{\"name\":\"copied\",\"path\":\"/workspace\",\"depth\":4";
        assertThat(mcp.text("file_list", list + "}"))
                .contains("\".git\"", "\"a.py\"", "\"d/__pycache__\"")
                .doesNotContain(".git/", "a.pyc")
                .doesNotContainPattern("\\d\\.\\d+Z");
        assertThat(mcp.text("file_list", list + ",\"all\":true}")).contains(".git/HEAD", "a.pyc");
    }

    @Test
    void editsOfTwoSessionsAreAllKept() throws IOException {
        exec("seq -f a%g. 40 > /srv/f");
        try (McpSession other = HOME.mcp()) {
            List<CompletableFuture<String>> edits = new ArrayList<>();
            for (int line = 1; line <= 40; line++) {
                edits.add((line % 2 == 0 ? mcp : other)
                        .later(
                                "file_edit",
                                "{\"name\":\"box\",\"path\":\"/srv/f\",\"old\":\"a" + line + ".\",\"new\":\"b" + line
                                        + ".\"}"));
            }
            for (CompletableFuture<String> each : edits) {
                assertThat(each.orTimeout(200, TimeUnit.SECONDS).join()).contains("\"replaced\":1");
            }
        }
        assertThat(exec("grep -c b /srv/f").path("stdout").asString()).isEqualTo("40\n");
    }

    /** Each guest has a cache of its own of the files that they share. */
    @Test
    void editsOfTwoInstancesThatShareAWorkspaceAreAllKept() throws IOException {
        for (String name : List.of("left", "right")) {
            mcp.text(
                    "instance_start",
                    "{\"name\":\"" + name + "\",\"command\":[\"sleep\",\"infinity\"],\"workspace\":\"together\"}");
        }
        mcp.text("exec", "{\"name\":\"left\",\"command\":\"seq -f a%g. 20 > shared\"}");
        List<CompletableFuture<String>> edits = new ArrayList<>();
        for (int line = 1; line <= 20; line++) {
            edits.add(mcp.later(
                    "file_edit",
                    "{\"name\":\"" + (line % 2 == 0 ? "left" : "right")
                            + "\",\"path\":\"/workspace/shared\",\"old\":\"a" + line + ".\",\"new\":\"changed" + line
                            + ".\"}"));
        }
        for (CompletableFuture<String> each : edits) {
            assertThat(each.orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)
                            .join())
                    .contains("\"replaced\":1");
        }
        assertThat(mcp.text("exec", "{\"name\":\"left\",\"command\":\"grep -c changed shared; wc -l < shared\"}"))
                .endsWith("\n20\n20\n");
    }

    @Test
    void directoriesAreMadeForACopyAndAFullOneIsRemovedOnlyWhenThatIsSaid() throws IOException {
        Files.createDirectories(project.resolve("src"));
        Files.writeString(project.resolve("src/f"), "from the host");
        for (String copy : List.of("src/f:/data/in/", "src/f:/data/other/g", "src:/data/deep/tree")) {
            String[] ends = copy.split(":", -1);
            mcp.text(
                    "copy_in",
                    "{\"name\":\"box\",\"from\":\"" + project.resolve(ends[0]) + "\",\"to\":\"" + ends[1] + "\"}");
        }
        assertThat(exec("cd /data; find . -type f | sort").path("stdout").asString())
                .isEqualTo("./deep/tree/f\n./in/f\n./other/g\n");
        String remove = "{\"name\":\"box\",\"action\":\"remove\",\"path\":\"/data\"";
        assertThat(mcp.failure("file_manage", remove + "}").path("remedy").asString())
                .contains("recursive");
        mcp.text("file_manage", remove + ",\"recursive\":\"true\"}");
    }

    @Test
    void whatARewindEndsIsNamedAndAContextThatCameBackIsNot() throws IOException {
        snippet("box", "kept=7");
        mcp.text("snapshot", "{\"action\":\"create\",\"name\":\"box\",\"snapshot\":\"s1\"}");
        String id = background("sleep 4730");
        String fork = mcp.text("fork", "{\"name\":\"box\",\"prefix\":\"try\"}");
        assertThat(fork).contains("\"without\":[\"" + id + ": bash -c sleep 4730\"]");
        JsonNode rewound = mcp.json("snapshot", "{\"action\":\"rewind\",\"name\":\"box\",\"snapshot\":\"s1\"}");
        assertThat(rewound.path("without").toString()).isEqualTo("[\"" + id + ": bash -c sleep 4730\"]");
        JsonNode again = snippet("box", "echo $kept");
        assertThat(again.path("stdout").asString()).isEqualTo("7\n");
        assertThat(again.has("notes")).isFalse();
        mcp.text("snapshot", "{\"action\":\"create\",\"name\":\"box\",\"snapshot\":\"s2\"}");
        JsonNode latest = Objects.requireNonNull(snapshots().get("s2"));
        assertThat(latest.path("parent").asString()).isEqualTo("s1");
        assertThat(Objects.requireNonNull(snapshots().get(rewound.path("kept").asString()))
                        .path("parent")
                        .asString())
                .isEqualTo("s1");
        mcp.text("instance_stop", "{\"name\":\"box\"}");
        mcp.text("instance_start", "{\"name\":\"box\"}");
        assertThat(snippet("box", "echo x$kept").path("notes").toString()).contains("was started again");
        for (String name : snapshots().keySet()) {
            mcp.text("snapshot", "{\"action\":\"delete\",\"snapshot\":\"" + name + "\"}");
        }
    }

    private Map<String, JsonNode> snapshots() throws IOException {
        Map<String, JsonNode> all = new HashMap<>();
        mcp.json("snapshot", "{\"action\":\"list\"}")
                .path("items")
                .forEach(each -> all.put(each.path("name").asString(), each));
        return all;
    }

    @Test
    void aMainProcessThatEndsBeforeItListensIsAFailure() throws IOException {
        JsonNode failure = mcp.failure(
                "instance_start",
                "{\"name\":\"dead\",\"command\":\"echo starting; sleep 1; echo no config >&2; exit 3\","
                        + "\"wait_for_port\":8000}");
        assertThat(failure.path("cause").asString()).contains("ended with exit code 3", "no config");
    }

    @Test
    void aReaderIsToldThatAnInstanceIsPausedAndDoesNotWait() throws IOException {
        String id = background("sleep 1000");
        mcp.text("instance_pause", "{\"name\":\"box\"}");
        CompletableFuture<String> read =
                mcp.later("process_read", "{\"id\":\"" + id + "\",\"wait_s\":600,\"wait_for\":\"end\"}");
        assertThat(read.orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS).join())
                .contains("running: true\n", "note: the instance is paused");
    }

    @Test
    void picturesThatAreLeftOutAreCounted() throws IOException {
        String gif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
        String code =
                "for i in 1 2 3 4 5 6; do echo " + gif + " | base64 -d >$i.gif; done; head -c 800000 /dev/zero >7.png";
        for (String context : List.of("", ",\"context\":\"p\"")) {
            JsonNode run = mcp.result("run_code", "{\"language\":\"bash\",\"code\":\"" + code + "\"" + context + "}");
            assertThat(run.path("content")).hasSize(5);
            assertThat(run.at("/content/0/text").asString())
                    .contains("note: picture 1: 1.gif, image/gif, 1 x 1\n", "note: 3 pictures are not shown")
                    .contains(": 7.png, 5.gif, 6.gif");
        }
    }

    @Test
    void aNameThatDoesNotExistInTheWorldIsToldAsThat() throws IOException {
        assertThat(exec("getent hosts nothing-here.invalid").path("notes").toString())
                .containsPattern("nothing-here.invalid does not resolve on the host \\(\\w+\\); the policy allows it");
    }

    @Test
    void aWorkspaceThatIsCalledAsADirectoryOfTheProjectIsTold() throws IOException {
        Path shop = Files.createDirectory(project.resolve("shop"));
        String start = "{\"command\":[\"sleep\",\"infinity\"],\"name\":\"";
        assertThat(mcp.json("instance_start", start + "named\",\"workspace\":\"shop\"}")
                        .path("note")
                        .asString())
                .contains("the workspace with this name", shop.toRealPath() + ":copy");
        assertThat(mcp.json("instance_start", start + "path\",\"workspace\":\"" + shop + "\"}")
                        .has("note"))
                .isFalse();
    }

    @Test
    void memoryIsSavedOfProcessesThatAreInTheWorkspaceAndOthersAreNamed() throws IOException {
        mcp.text(
                "instance_start",
                "{\"name\":\"shared\",\"command\":[\"sleep\",\"infinity\"],\"workspace\":\"" + project + "\"}");
        assertThat(snippet("shared", "kept=5; pwd").path("stdout").asString()).isEqualTo("/workspace\n");
        String take = "{\"action\":\"create\",\"name\":\"shared\",\"snapshot\":\"";
        assertThat(mcp.json("snapshot", take + "all\"}").path("memory").asBoolean())
                .isTrue();
        assertThat(snippet("shared", "echo $kept > here; cat here; pwd")
                        .path("stdout")
                        .asString())
                .isEqualTo("5\n/workspace\n");
        assertThat(project.resolve("here")).hasContent("5");
        snippet("shared", "kept=6; mkdir sub; cd sub");
        JsonNode refused = mcp.failure("snapshot", take + "no\"}");
        assertThat(refused.path("cause").asString()).containsPattern("in use by \\d+ \\(bash, exec-\\w+\\)");
        assertThat(refused.path("remedy").asString())
                .contains(
                        "execs and contexts, which process_list with name tells", "go to /workspace", "process_signal")
                .contains("workspace DIRECTORY:copy")
                .doesNotContain("--");
        assertThat(snippet("shared", "pwd").path("stdout").asString()).isEqualTo("/workspace/sub\n");
        mcp.text("snapshot", "{\"action\":\"rewind\",\"name\":\"shared\",\"snapshot\":\"all\"}");
        assertThat(snippet("shared", "echo $kept; pwd; cat here").path("stdout").asString())
                .isEqualTo("5\n/workspace\n5\n");
        for (String name : snapshots().keySet()) {
            mcp.text("snapshot", "{\"action\":\"delete\",\"snapshot\":\"" + name + "\"}");
        }
    }

    @Test
    void whatEndsWithTheMainProcessIsToldWhy() throws IOException {
        mcp.text("instance_start", "{\"name\":\"ends\",\"command\":\"until [ -e /end ]; do sleep 0.1; done; exit 3\"}");
        snippet("ends", "true");
        String id = mcp.json("exec", "{\"name\":\"ends\",\"background\":true,\"command\":\"sleep 1000\"}")
                .path("id")
                .asString();
        String run = "{\"name\":\"ends\",\"language\":\"bash\",\"context\":\"w\",\"code\":\"touch /busy; sleep 1000\"}";
        CompletableFuture<String> context = mcp.later("run_code", run);
        String exec = mcp.later(
                        "exec",
                        "{\"name\":\"ends\",\"command\":\"until [ -e /busy ]; do sleep 0.1; done; touch /end; sleep 1000\"}")
                .orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
        String why = "'ends' stops because its main process exited with code 3";
        String next = "instance_start with name ends starts it again";
        assertThat(exec).contains(why, next);
        assertThat(context.orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)
                        .join())
                .contains("its variables are lost: ", why, next)
                .doesNotContain("the next call starts it again");
        mcp.text("instance_wait", "{\"name\":\"ends\"}");
        assertThat(mcp.failure("process_read", "{\"id\":\"" + id + "\"}")
                        .path("cause")
                        .asString())
                .contains(why, next);
    }

    @Test
    void whatEndsWithADeletedInstanceIsToldSo() throws IOException {
        mcp.text("instance_start", "{\"name\":\"gone\",\"command\":[\"sleep\",\"infinity\"]}");
        String id = mcp.json("exec", "{\"name\":\"gone\",\"background\":true,\"command\":\"sleep 1000\"}")
                .path("id")
                .asString();
        mcp.text("instance_delete", "{\"name\":\"gone\"}");
        await().untilAsserted(() -> assertThat(mcp.failure("process_read", "{\"id\":\"" + id + "\"}")
                        .path("cause")
                        .asString())
                .endsWith("the VM ended: 'gone' was deleted; start another one, and run the command there"));
    }

    @Test
    void whatIsLeftOutOfALongOutputIsReadPieceByPieceOrToldAsLost() throws IOException {
        String id = background("seq 300000");
        String read = mcp.text(
                "process_read", "{\"id\":\"" + id + "\",\"wait_s\":60,\"wait_for\":\"end\",\"max_bytes\":1000}");
        assertThat(read).doesNotContain("only 4 MiB");
        String cursor = read.replaceFirst("(?s).*stdout_cursor: (\\S+)\n.*", "$1");
        StringBuilder all = new StringBuilder(read.split("\n\n|\n\\[…", -1)[1]);
        while (!cursor.isEmpty()) {
            String piece = mcp.text("output_read", "{\"cursor\":\"" + cursor + "\",\"max_bytes\":65536}");
            all.append(piece, piece.indexOf("\n\n") + 2, piece.length());
            cursor = piece.startsWith("cursor: ") ? piece.substring(8, piece.indexOf('\n')) : "";
        }
        assertThat(all).contains("\n1000\n1001\n", "\n150000\n");
        assertThat(all + read.split(" on …]\n", -1)[1]).hasLineCount(300_000);
        String larger = background("seq 800000");
        assertThat(mcp.text("process_read", "{\"id\":\"" + larger + "\",\"wait_s\":60,\"wait_for\":\"end\"}"))
                .contains("only 4 MiB of this output are kept");
        assertThat(mcp.text("exec", "{\"name\":\"box\",\"command\":\"seq 800000\"}"))
                .contains("only 4 MiB of this output are kept");
    }

    @Test
    void anotherInstanceThatAcceptsNothingIsNotReachedInATestEither() throws IOException {
        mcp.text("instance_start", "{\"name\":\"db\",\"command\":[\"sleep\",\"infinity\"]}");
        mcp.text("instance_network", "{\"name\":\"box\",\"action\":\"allow\",\"rules\":[\"instance:db:5432\"]}");
        String test = "{\"name\":\"box\",\"action\":\"test\",\"rules\":[\"db.aegis:5432\",\"127.0.0.1:80\"]}";
        assertThat(mcp.text("instance_network", test))
                .contains("\"allowed\":false", "does not accept connections from instance 'box'")
                .contains("instance_network with action allow, name db and rules ['from:box']")
                .contains("a person has to write mcp.allow_host_ports = [80] into config.toml");
        mcp.text("instance_network", "{\"name\":\"db\",\"action\":\"allow\",\"rules\":[\"from:box\"]}");
        assertThat(mcp.text("instance_network", test)).contains("\"allowed\":true");
    }

    @Test
    void anEmptyListTakesAwayWhatAnInstanceHad() throws IOException {
        String start = "{\"name\":\"given\"";
        mcp.text(
                "instance_start",
                start
                        + ",\"command\":[\"sleep\",\"infinity\"],\"expose\":[80],\"env\":{\"A\":1},\"allow\":[\"a.test\"]}");
        mcp.text("instance_stop", start + "}");
        mcp.text("instance_start", start + "}");
        assertThat(mcp.text("instance_info", start + "}")).contains("\"expose_ports\":[80]", "a.test");
        mcp.text("instance_stop", start + "}");
        mcp.text("instance_start", start + ",\"expose\":[],\"env\":{},\"allow\":[]}");
        assertThat(mcp.text("instance_info", start + "}"))
                .contains("\"expose_ports\":[]")
                .doesNotContain("a.test");
        assertThat(mcp.json("exec", start + ",\"command\":\"echo $A.\"}")
                        .path("stdout")
                        .asString())
                .isEqualTo(".\n");
    }

    @Test
    void aReaderIsToldWhetherWhatItWaitedForCame() throws IOException {
        String id = background("echo one; read x; echo two");
        String read = "{\"id\":\"" + id + "\",\"wait_s\":60";
        assertThat(mcp.text("process_read", read + ",\"wait_for\":\"o.e\"}")).contains("matched: true\n");
        assertThat(mcp.text("process_read", "{\"id\":\"" + id + "\",\"wait_s\":1,\"wait_for\":\"two\"}"))
                .contains("matched: false\n");
        assertThat(mcp.failure("process_read", read + "0,\"cursor\":100000}")
                        .path("cause")
                        .asString())
                .contains("beyond the end: the process has written 4 bytes");
        mcp.text("process_write", "{\"id\":\"" + id + "\",\"text\":\"x\\n\"}");
        mcp.text("process_read", read + ",\"wait_for\":\"end\"}");
        assertThat(mcp.failure("process_write", "{\"id\":\"" + id + "\",\"text\":\"x\"}")
                        .path("remedy")
                        .asString())
                .isEqualTo("process_list shows how it ended; exec starts another");
    }

    @Test
    void aFileIsMovedIntoANewDirectoryAndMatchesAreCounted() throws IOException {
        exec("mkdir /m; seq -f 'line %g' 3000 > /m/a");
        String move = "{\"name\":\"box\",\"action\":\"move\",\"path\":\"/m/";
        mcp.text("file_manage", move + "a\",\"to\":\"/m/new/deep/b\"}");
        mcp.failure("file_manage", move + "a\",\"to\":\"/m/other/b\"}");
        assertThat(exec("ls /m; ls /m/new/deep").path("stdout").asString()).isEqualTo("new\nb\n");
        JsonNode found =
                mcp.json("file_search", "{\"name\":\"box\",\"path\":\"/m\",\"pattern\":\"line\",\"max_bytes\":1000}");
        long shown = found.path("text").asString().lines().count();
        assertThat(found.path("matches").asLong()).isEqualTo(3000);
        assertThat(found.path("not_shown").asString()).startsWith(3000 - shown + "; name a glob");
        assertThat(found.path("text").asString().lines())
                .allMatch(line -> line.matches("/m/new/deep/b:\\d+:line \\d+"));
    }
}
