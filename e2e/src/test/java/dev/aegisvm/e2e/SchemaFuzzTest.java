package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Requests of every kind that the description of the API allows and forbids: the daemon answers each in time and none with 500,
 * and has no more descriptors, threads and heap in the end than after the first of them.
 */
class SchemaFuzzTest {
    private static final long SEED = 14;
    private static final int SHORT = 300;
    private static final int LONG = 15_000;
    private static final long LIMIT_SECONDS = 60;
    private static final int MAX_ANSWER = 65_536;
    /** As many threads as an instance has, and carriers that a busy pool makes. */
    private static final int MORE_THREADS = 24;

    private static final int MORE_DESCRIPTORS = 16;
    private static final long MORE_HEAP_KIB = 32 << 10;
    private static final Pattern USED = Pattern.compile("(?:DefNew|Tenured|generation).*used (\\d+)K");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[a-z0-9]+)\"");
    private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z_]+)\"");

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon().withBox();

    private final Map<String, Integer> statuses = new TreeMap<>();

    /** Some requests prune what others have in the usual cache. */
    SchemaFuzzTest() throws IOException {
        home.ownCache();
    }

    @Test
    @Tag("vm")
    @NotInOuterVm("the words of the API")
    void aFewHundredRequestsOfEveryKind() throws Exception {
        hold(SHORT);
    }

    @Test
    @Tag("stress")
    void fifteenThousandRequestsOfEveryKind() throws Exception {
        hold(LONG);
    }

    private void hold(int count) throws Exception {
        SchemaRequests requests = new SchemaRequests(new OpenApiDocument(), new Random(SEED));
        int first = count / 5;
        send(requests, first);
        home.deleteInstances();
        Figures before = figures();
        send(requests, count - first);
        home.deleteInstances();
        System.out.println(count + " requests of seed " + SEED + " were answered by " + statuses);
        await().untilAsserted(() -> {
            Figures after = figures();
            System.out.println("before: " + before + ", after: " + after);
            assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + MORE_DESCRIPTORS);
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + MORE_THREADS);
            assertThat(after.heapKib()).isLessThanOrEqualTo(before.heapKib() + MORE_HEAP_KIB);
        });
        assertThat(home.aegis("exec", "box", "--", "echo", "here").ok().stdout())
                .isEqualTo("here\n");
    }

    private void send(SchemaRequests requests, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            SchemaRequests.Request request = requests.next();
            String answer = answer(request);
            String status = answer.lines().findFirst().orElse("").replaceFirst("HTTP/1\\.1 (\\d{3}).*", "$1");
            statuses.merge(status, 1, Integer::sum);
            check(request, status, answer);
            if (request.operation().equals("create") && status.equals("201")) {
                ID.matcher(answer).results().map(found -> found.group(1)).forEach(requests::made);
            }
        }
    }

    private static void check(SchemaRequests.Request request, String status, String answer) {
        assertThat(status).as("%s: %s", request, answer).matches("[1-5]\\d\\d").isNotEqualTo("500");
        if (status.startsWith("5")) {
            assertThat(CODE.matcher(answer).results().map(found -> found.group(1)))
                    .as("%s: %s", request, answer)
                    .isNotEmpty()
                    .isSubsetOf(
                            Stream.of(ErrorCode.values()).map(ErrorCode::wire).toList());
        }
    }

    private String answer(SchemaRequests.Request request) throws Exception {
        UnixDomainSocketAddress socket =
                UnixDomainSocketAddress.of(home.directory().resolve("aegisd.sock"));
        try (SocketChannel channel = SocketChannel.open(socket)) {
            Thread.startVirtualThread(() -> write(channel, request));
            FutureTask<String> answer = new FutureTask<>(() -> read(channel));
            Thread.startVirtualThread(answer);
            return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException hangs) {
            throw new AssertionError("no answer after " + LIMIT_SECONDS + " s to " + request, hangs);
        } catch (ExecutionException broken) {
            throw new AssertionError("a broken answer to " + request, broken);
        }
    }

    private static void write(SocketChannel channel, SchemaRequests.Request request) {
        byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
        StringBuilder head =
                new StringBuilder(request.method() + " " + request.target() + " HTTP/1.1\r\nHost: aegisd\r\n");
        request.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        ByteBuffer[] all = {ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.UTF_8)), ByteBuffer.wrap(body)};
        try {
            while (all[1].hasRemaining() || all[0].hasRemaining()) {
                channel.write(all);
            }
        } catch (IOException answered) {
            // The daemon did not want all of it; its answer says why.
        }
    }

    /** All of it, or what a stream begins with. */
    private static String read(SocketChannel channel) throws IOException {
        InputStream in = Channels.newInputStream(channel);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        int count = in.read(buffer);
        while (count >= 0) {
            bytes.write(buffer, 0, count);
            count = isEnough(bytes) ? -1 : in.read(buffer);
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static boolean isEnough(ByteArrayOutputStream bytes) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        int body = text.indexOf("\r\n\r\n") + 4;
        boolean lasts = text.contains("application/x-ndjson") || text.startsWith("HTTP/1.1 101");
        Matcher length = LENGTH.matcher(text);
        boolean whole = length.find() && text.length() - body >= Integer.parseInt(length.group(1));
        return body >= 4 && (lasts || whole || text.length() > MAX_ANSWER);
    }

    /** What the daemon has of what it could lose. */
    record Figures(int descriptors, int threads, long heapKib) {}

    private Figures figures() throws IOException {
        String pid = Long.toString(home.daemonPid());
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Tool.run(jcmd, pid, "GC.run");
        long used = USED.matcher(Tool.run(jcmd, pid, "GC.heap_info"))
                .results()
                .map((MatchResult found) -> found.group(1))
                .mapToLong(Long::parseLong)
                .sum();
        return new Figures(count(pid, "fd"), count(pid, "task"), used);
    }

    private static int count(String pid, String what) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", pid, what))) {
            return (int) entries.count();
        }
    }
}
