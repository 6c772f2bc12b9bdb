package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.vmm.fake.FakeVmm;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the daemon keeps of execs, and who reads and writes there beside the client that started one. */
@Timeout(60)
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class ExecOutputTest {
    private static final String EXEC = "/v1/instances/box/exec";
    private static final String EXECS = "/v1/instances/box/execs";
    private static final long BEGIN = 1 << 20;
    private static final long LATEST = 3 << 20;

    private final Profile profile;

    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private Http http;

    ExecOutputTest(Profile profile) {
        this.profile = profile;
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, new FakeVmm(profile));
        http = daemon.http;
        daemon.running("box");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private String detached(String command) throws IOException {
        return detached(command, "");
    }

    private String detached(String command, String more) throws IOException {
        Http.Answer answer = http.post(EXEC, "{\"command\":[" + command + "],\"detach\":true" + more + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return ApiJson.answer(ExecStarted.class, answer.body().getBytes(StandardCharsets.UTF_8))
                .execId();
    }

    private ExecOutput read(String execId, String query) throws IOException {
        Http.Answer answer = http.get(EXECS + "/" + execId + "/output?" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return ApiJson.answer(ExecOutput.class, answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private void awaitEnd(String execId) {
        await().untilAsserted(
                        () -> assertThat(http.get(EXECS + "/" + execId).body()).contains("ended_at"));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(daemon.home.execs())) {
            return files.toList();
        }
    }

    /** A connection by {@code aegis-stream}. */
    private final class Attached implements AutoCloseable {
        private final Http.Connection connection;
        private final StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        private final List<StreamFrame> frames = new ArrayList<>();

        Attached(String path, String body) throws IOException {
            connection = http.upgrade(path, body);
        }

        /** The frames until there are as many as are wanted, or to the end. */
        List<StreamFrame> until(int enough) throws IOException {
            byte[] piece = new byte[1 << 16];
            while (frames.size() < enough) {
                int count = connection.in.read(piece);
                if (count < 0) {
                    break;
                }
                decoder.feed(ByteBuffer.wrap(piece, 0, count), frames::add);
            }
            return frames;
        }

        List<StreamFrame> toEnd() throws IOException {
            return until(Integer.MAX_VALUE);
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private Attached attach(String execId, String query) throws IOException {
        return new Attached(EXECS + "/" + execId + "/attach" + query, "");
    }

    private static String text(List<StreamFrame> frames, StreamFrame.Type type) {
        return frames.stream()
                .filter(frame -> frame.type() == type)
                .map(StreamFrame::text)
                .collect(Collectors.joining());
    }

    @Test
    void anEndedOneIsReadByCursorsAndKeepsItsEnd() throws IOException {
        String id = detached("\"print\",\"out\",\"first\",\"second\"");
        awaitEnd(id);
        ExecOutput whole = read(id, "");
        assertThat(new String(whole.bytes(), StandardCharsets.UTF_8)).isEqualTo("out\n");
        assertThat(whole.running()).isFalse();
        assertThat(whole.exit()).isEqualTo(ProcessExit.of(0));
        assertThat(read(id, "stream=stderr").written()).isEqualTo(13);
        assertThat(new String(read(id, "stream=stderr&cursor=6&length=3").bytes(), StandardCharsets.UTF_8))
                .isEqualTo("sec");
        assertThat(read(id, "cursor=4").cursor()).isEqualTo(4);
        assertThat(http.get(EXECS).body()).isEqualTo("[]");
        assertThat(http.get(EXECS + "?all=true").body()).contains(id, "\"exit\":{\"exit_code\":0}");
        assertThat(files())
                .hasSize(2)
                .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
        assertThat(http.get("/v1/system/df").body()).containsPattern("\"part\":\"execs\",\"count\":2");
    }

    @Test
    void oneWithoutOutputHasNoFile() throws IOException {
        awaitEnd(detached("\"exit\",\"3\""));
        assertThat(files()).isEmpty();
    }

    @Test
    void outputsMayBecomeOneInTheOrderOfArrival() throws IOException {
        String id = detached("\"print\",\"out\",\"error\"", ",\"merge\":true");
        awaitEnd(id);
        assertThat(new String(read(id, "").bytes(), StandardCharsets.UTF_8)).contains("out\n", "error\n");
        assertThat(read(id, "stream=stderr").written()).isZero();
        assertThat(http.get("/v1/instances/box/logs?exec_id=" + id).body()).contains("\"stderr\"");
    }

    @Test
    void aReaderWaitsForBytesOrForTheEnd() throws Exception {
        String id = detached("\"greet\",\"hi\"");
        assertThat(new String(read(id, "wait_ms=60000").bytes(), StandardCharsets.UTF_8))
                .isEqualTo("hi\n");
        CompletableFuture<Http.Answer> waiting =
                daemon.later("GET", EXECS + "/" + id + "/output?cursor=3&wait_ms=60000");
        http.delete(EXECS + "/" + id);
        assertThat(waiting.get(30, TimeUnit.SECONDS).body()).contains("\"running\":false", "\"signal\":9");
    }

    @Test
    void ofAFloodTheBeginningAndTheLatestAreKept() throws IOException {
        long all = 20 << 20;
        String id = detached("\"flood\",\"" + all + "\"");
        awaitEnd(id);
        long written = read(id, "length=1").written();
        assertThat(written).isGreaterThanOrEqualTo(all);
        assertThat(read(id, "cursor=100&length=100").bytes()).hasSize(100).endsWith('\n');
        ExecOutput lost = read(id, "cursor=" + BEGIN);
        assertThat(lost.cursor()).isEqualTo(written - LATEST);
        assertThat(lost.bytes()).hasSize(1 << 20);
        assertThat(read(id, "cursor=" + (BEGIN - 7)).bytes()).hasSize(7);
        ExecOutput last = read(id, "cursor=" + (written - 200));
        assertThat(new String(last.bytes(), StandardCharsets.US_ASCII)).isEqualTo(("x".repeat(99) + "\n").repeat(2));
        assertThat(Files.size(files().getFirst())).isEqualTo(BEGIN + LATEST);
    }

    /** 64 MiB, so sixteen of these. */
    @Test
    void theOutputsOfEndedExecsHaveABoundTogether() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(detached("\"flood\",\"" + (BEGIN + LATEST) + "\""));
            awaitEnd(ids.getLast());
        }
        assertThat(files()).hasSize(16);
        assertThat(http.get(EXECS + "/" + ids.get(3)).status()).isEqualTo(404);
        assertThat(read(ids.get(4), "length=1").bytes()).hasSize(1);
    }

    @Test
    void anyNumberOfClientsAttachFromTheStartFromACursorAndFromNow() throws IOException {
        String id = detached("\"cat\"", ",\"keep\":true");
        http.post(EXECS + "/" + id + "/stdin", "one\n");
        read(id, "wait_ms=60000");
        try (Attached start = attach(id, "?stdout=0&stderr=0");
                Attached cursor = attach(id, "?stdout=2");
                Attached now = attach(id, "")) {
            assertThat(now.until(2)).hasSize(2);
            assertThat(http.post(EXECS + "/" + id + "/stdin?end=true", "two\n").body())
                    .isEqualTo("{\"status\":\"written\"}");
            List<StreamFrame> all = start.toEnd();
            assertThat(all.getFirst().value(ExecStarted.class).execId()).isEqualTo(id);
            assertThat(all.get(1).value(OutputCursors.class)).isEqualTo(new OutputCursors(0, 0));
            assertThat(text(all, StreamFrame.Type.STDOUT)).isEqualTo("one\ntwo\n");
            assertThat(all.getLast().value(ProcessExit.class)).isEqualTo(ProcessExit.of(0));
            assertThat(text(cursor.toEnd(), StreamFrame.Type.STDOUT)).isEqualTo("e\ntwo\n");
            assertThat(text(now.toEnd(), StreamFrame.Type.STDOUT)).isEqualTo("two\n");
        }
        try (Attached late = attach(id, "?stdout=0")) {
            assertThat(text(late.toEnd(), StreamFrame.Type.STDOUT)).isEqualTo("one\ntwo\n");
        }
        assertThat(http.post(EXECS + "/" + id + "/stdin", "x").status()).isEqualTo(409);
    }

    @Test
    void oneThatEndsWithItsInstanceSaysWhyAndWhatStartsThatAgain() throws IOException {
        try (Attached sleeping = new Attached(EXEC, "{\"command\":[\"sleep\"]}")) {
            var _ = sleeping.until(1);
            assertThat(http.delete(EXECS + "/main").status()).isEqualTo(200);
            List<StreamFrame> got = sleeping.toEnd();
            assertThat(text(got, StreamFrame.Type.NOTE) + text(got, StreamFrame.Type.ERROR))
                    .contains("'box' stops because its main process exited with code 137")
                    .contains("'aegis instance start --name box' starts it again");
        }
    }

    @Test
    void aCursorBeyondTheEndIsAnsweredAtOnce() throws IOException {
        String id = detached("\"greet\",\"hi\"");
        assertThat(read(id, "cursor=100000&wait_ms=600000").cursor()).isLessThan(100);
    }

    @Test
    void whatTwoClientsWriteArrivesInWhole() throws Exception {
        String id = detached("\"cat\"", ",\"keep\":true");
        int lines = 2000;
        List<CompletableFuture<Http.Answer>> writing = Stream.of("a", "b")
                .map(each -> daemon.later("POST", EXECS + "/" + id + "/stdin", (each.repeat(49) + "\n").repeat(lines)))
                .toList();
        for (CompletableFuture<Http.Answer> each : writing) {
            assertThat(each.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
        http.post(EXECS + "/" + id + "/stdin?end=true", "");
        awaitEnd(id);
        String all = new String(read(id, "").bytes(), StandardCharsets.US_ASCII);
        assertThat(all.lines()).hasSize(2 * lines).allMatch(line -> line.matches("a{49}|b{49}"));
    }

    @Test
    void aReaderThatStallsHoldsNobodyBackAndIsToldWhatItMissed() throws IOException {
        String flood = "{\"command\":[\"flood\",\"" + (40 << 20) + "\"],\"keep\":true}";
        try (Attached owner = new Attached(EXEC, flood)) {
            String id = owner.until(1).getFirst().value(ExecStarted.class).execId();
            try (Attached stalled = attach(id, "?stdout=0")) {
                long owned = owner.toEnd().stream()
                        .filter(frame -> frame.type() == StreamFrame.Type.STDOUT)
                        .mapToLong(frame -> frame.payload().length)
                        .sum();
                awaitEnd(id);
                List<StreamFrame> got = stalled.toEnd();
                assertThat(text(got, StreamFrame.Type.NOTE)).contains("bytes of stdout are not kept any more");
                assertThat(end(got)).isEqualTo(read(id, "length=0").written()).isEqualTo(owned);
                assertThat(got.getLast().type()).isEqualTo(StreamFrame.Type.EXIT);
            }
        }
    }

    /** Where stdout has come to after these frames. */
    private static long end(List<StreamFrame> frames) {
        long at = 0;
        for (StreamFrame frame : frames) {
            if (frame.type() == StreamFrame.Type.CURSORS) {
                assertThat(frame.value(OutputCursors.class).stdout()).isGreaterThanOrEqualTo(at);
                at = frame.value(OutputCursors.class).stdout();
            } else if (frame.type() == StreamFrame.Type.STDOUT) {
                at += frame.payload().length;
            }
        }
        return at;
    }

    @Test
    void theOneWhoStartedItHoldsItBackAndLosesNothing() throws IOException {
        int all = 8 << 20;
        try (Attached owner = new Attached(EXEC, "{\"command\":[\"flood\",\"" + all + "\"]}")) {
            String id = owner.until(1).getFirst().value(ExecStarted.class).execId();
            ExecOutput kept = read(id, "length=0");
            assertThat(kept.running()).isTrue();
            assertThat(owner.toEnd().getLast().type()).isEqualTo(StreamFrame.Type.EXIT);
            assertThat(read(id, "length=0").written()).isGreaterThanOrEqualTo(all);
        }
    }

    @Test
    void ofManyThatEndedTheLatestAreKept() throws IOException {
        String first = detached("\"print\",\"x\"");
        awaitEnd(first);
        String last = "";
        for (int i = 0; i < 1000; i++) {
            last = detached("\"print\",\"x\"");
        }
        awaitEnd(last);
        await().untilAsserted(() -> assertThat(files()).hasSizeLessThanOrEqualTo(128));
        assertThat(http.get(EXECS + "/" + first).status()).isEqualTo(404);
        assertThat(new String(read(last, "").bytes(), StandardCharsets.UTF_8)).isEqualTo("x\n");
        assertThat(daemon.budget.used().files()).isLessThan(100);
    }

    @Test
    void theyGoWithTheStopOfTheirInstanceAndWithTheDaemon() throws Exception {
        String id = detached("\"greet\",\"x\"");
        read(id, "wait_ms=60000");
        daemon.vmm.last().guest().endInSilence();
        try (Attached attached = attach(id, "")) {
            http.post("/v1/instances/box/stop", "");
            assertThat(attached.toEnd().getLast().type()).isEqualTo(StreamFrame.Type.ERROR);
        }
        await().untilAsserted(() -> assertThat(files()).isEmpty());
        assertThat(http.get(EXECS + "/" + id).status()).isEqualTo(404);
        Files.writeString(daemon.home.execs().resolve("exec-1.stdout"), "left by a killed daemon");
        daemon.restart();
        assertThat(files()).isEmpty();
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        String id = detached("\"sleep\"");
        assertThat(http.get(EXECS + "/exec-0/output").status()).isEqualTo(404);
        assertThat(http.get(EXECS + "/" + id + "/output?stream=system").status())
                .isEqualTo(400);
        assertThat(http.get(EXECS + "/" + id + "/output?cursor=-1").status()).isEqualTo(400);
        assertThat(http.post(EXECS + "/" + id + "/attach", "").status()).isEqualTo(400);
        assertThat(http.post(EXECS + "/" + id + "/stdin", "x").body()).contains("without stdin");
        assertThat(http.post(EXECS + "/" + id + "/resize", "{\"rows\":1,\"cols\":1}")
                        .body())
                .contains("has no terminal");
    }
}
