package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A thousand requests in a random order, on each kind of machine: a daemon does what the table in LIFECYCLE.md says. */
@Timeout(600)
class LifecycleWalkTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("aegis.checkout", ".."), "docs/LIFECYCLE.md");
    private static final int STEPS = 1000;
    private static final long SEED = 36;
    /** Where an instance comes to rest that is left alone. */
    private static final Map<String, String> RESTS = Map.of(
            "starting",
            "running",
            "pausing",
            "paused",
            "resuming",
            "running",
            "stopping",
            "stopped",
            "stopping-disable",
            "disabled",
            "deleting",
            "deleted");

    private static final List<String> OFTEN = List.of("start", "create", "stop", "disable", "pause", "resume", "use");

    private static final List<String> SELDOM = List.of("daemon stop", "delete");

    /** The next state for each state and request, as the document has it. */
    private static final Map<String, Map<String, String>> TABLE = new HashMap<>();

    @BeforeAll
    static void readTheTable() throws IOException {
        List<String> rows = Files.readString(DOCUMENT)
                .split("<!-- table: requests -->", -1)[1]
                .split("<!-- end -->", -1)[0]
                .lines()
                .filter(line -> line.startsWith("|"))
                .toList();
        List<String> columns = cells(rows.getFirst());
        for (String row : rows.subList(2, rows.size())) {
            List<String> cells = cells(row);
            Map<String, String> next = new HashMap<>();
            for (int column = 1; column < columns.size(); column++) {
                next.put(columns.get(column), cells.get(column));
            }
            TABLE.put(cells.getFirst().replace("*", ""), next);
        }
    }

    private static List<String> cells(String row) {
        return Stream.of(row.substring(1).split("\\|", -1)).map(String::strip).toList();
    }

    @ParameterizedTest
    @MethodSource("dev.aegisvm.vmm.fake.Profile#all")
    void eachRequestDoesWhatTheTableSays(Profile profile) throws Exception {
        Random random = new Random(SEED);
        Map<String, Integer> reached = new TreeMap<>();
        try (DaemonHarness daemon = DaemonHarness.open(profile)) {
            String state = "deleted";
            for (int step = 0; step < STEPS; step++) {
                if (state.equals("deleted")) {
                    daemon.running("box");
                    state = "running";
                }
                List<String> requests = random.nextInt(20) == 0 ? SELDOM : OFTEN;
                String request = requests.get(random.nextInt(requests.size()));
                state = walked(daemon, state, request, "step " + step + ": " + request + " while " + state);
                reached.merge(state, 1, Integer::sum);
            }
        }
        assertThat(reached.keySet()).containsExactly("deleted", "disabled", "paused", "running", "stopped");
    }

    /** Makes a request, compares its answer with the table, and waits until the instance is at rest; returns the state. */
    private static String walked(DaemonHarness daemon, String state, String request, String story) throws Exception {
        String said = TABLE.getOrDefault(state, Map.of()).getOrDefault(request, "not in the table");
        Optional<Http.Answer> answer = ask(daemon, request);
        boolean refused = said.matches("\\d{3} \\w+");
        if (refused) {
            String[] statusAndCode = said.split(" ", -1);
            assertThat(answer.orElseThrow().status()).as(story).isEqualTo(Integer.parseInt(statusAndCode[0]));
            assertThat(answer.orElseThrow().body()).as(story).contains("\"code\":\"" + statusAndCode[1] + "\"");
        } else {
            answer.ifPresent(given ->
                    assertThat(given.status()).as(story + ": " + given.body()).isBetween(200, 299));
        }
        String next = refused || said.equals("·") ? state : RESTS.getOrDefault(said, said);
        if (next.equals("deleted")) {
            assertThat(daemon.http.get("/v1/instances/box").status()).as(story).isEqualTo(404);
            return next;
        }
        boolean enabled = !next.equals("disabled");
        String seen = "\"state\":\"" + (enabled ? next : "stopped") + "\",\"enabled\":" + enabled;
        await(story)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> daemon.http.get("/v1/instances/box").body().contains(seen));
        return next;
    }

    /** The answer; none where the request is the end of the daemon. */
    private static Optional<Http.Answer> ask(DaemonHarness daemon, String request) throws Exception {
        String box = "/v1/instances/box";
        return switch (request) {
            case "daemon stop" -> {
                daemon.restart();
                yield Optional.empty();
            }
            case "create" ->
                Optional.of(daemon.http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}"));
            case "use" -> Optional.of(daemon.http.post(box + "/exec", "{\"command\":[\"exit\",\"0\"]}"));
            case "delete" -> Optional.of(daemon.http.send("DELETE", box, ""));
            default -> Optional.of(daemon.http.post(box + "/" + request, ""));
        };
    }
}
