package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.TestWorld;

/**
 * What a guest reaches through the gateway, in turn with one that has passt, in a world of the bench's own; by the clock of the guest's
 * curl, which begins before the name is looked up.
 */
final class Networks {
    private static final String PUBLIC = "public";
    private static final String OPEN = "open";
    private static final int AT_ONCE = 1000;

    private Networks() {}

    static void reach(Sandbox usual, Turns turns) throws IOException {
        Metric start = turns.each(
                "network.start",
                "POST /v1/instances → main process started, from a template, `--network public`",
                () -> usual.startNew(Sandbox.ECHO.withNetwork(PUBLIC), "template"));
        start.atMostTimes(
                1,
                turns.each(
                        "network.start.open",
                        "  `--network open`",
                        () -> usual.startNew(Sandbox.ECHO.withNetwork(OPEN), "template")));
        turns.run(2, 60);
        try (TestWorld world = TestWorld.create(usual.checkout());
                Sandbox sandbox = usual.within(world);
                DaemonClient client = sandbox.client()) {
            Guest gateway = Guest.start(sandbox, client, PUBLIC);
            Guest passt = Guest.start(sandbox, client, OPEN);
            requests(turns, gateway, passt);
            bulk(turns, gateway, passt);
            atOnce(turns, gateway, passt, client.call(Routes.STATUS).pid());
        }
    }

    private static void requests(Turns turns, Guest gateway, Guest passt) throws IOException {
        String page = "http://app.test/bytes/1000";
        turns.each("network.get", "name, connection and GET of 1 kB, through the gateway", () -> gateway.millis(page))
                .atMostMore(3, turns.each("network.get.passt", "  by passt", () -> passt.millis(page)));
        turns.run(10, 100);
    }

    private static void bulk(Turns turns, Guest gateway, Guest passt) throws IOException {
        String down = "http://app.test/bytes/" + Bytes.SIZE;
        rate(turns, "network.down", "256 MiB to the guest, through the gateway", () -> gateway.millis(down))
                .atLeastTimes(1, rate(turns, "network.down.passt", "  by passt", () -> passt.millis(down)));
        String[] up = {"-T", Guest.FILE, "http://app.test/"};
        rate(turns, "network.up", "256 MiB from the guest, through the gateway", () -> gateway.millis(up))
                .atLeastTimes(1, rate(turns, "network.up.passt", "  by passt", () -> passt.millis(up)));
        turns.run(1, 5);
    }

    private static Metric rate(Turns turns, String name, String title, Turns.Sample millis) {
        return turns.each(name, title, "MB/s", () -> Bytes.SIZE / 1000.0 / millis.take());
    }

    /** All are open before the first of them asks for something. */
    private static void atOnce(Turns turns, Guest gateway, Guest passt, long daemon) throws IOException {
        turns.each("network.many", AT_ONCE + " connections at once, each with a GET of 1 kB", gateway::manyMillis);
        turns.each("network.many.passt", "  by passt", passt::manyMillis);
        turns.run(1, 3);
        Metric before = turns.value("network.memory.before", "  before them", "MB", ProcFile.residentMb(daemon));
        ProcFile.forgetHighest(daemon);
        gateway.manyMillis();
        turns.value("network.memory", "most memory of the daemon while they are open", "MB", ProcFile.highestMb(daemon))
                .atMostMore(128, before);
    }

    /** An instance that does nothing but what it is told here. */
    private record Guest(Sandbox sandbox, String name) {
        /** Of {@link Bytes#SIZE}, and all of it a hole. */
        static final String FILE = "/tmp/file";

        private static final Pattern ANSWERED = Pattern.compile("(\\d+\\.\\d+) 200");

        static Guest start(Sandbox sandbox, DaemonClient client, String network) throws IOException {
            sandbox.start(client, Sandbox.IDLE.withHandle(network).withNetwork(network));
            Guest guest = new Guest(sandbox, network);
            guest.said("truncate", "-s", Long.toString(Bytes.SIZE), FILE);
            return guest;
        }

        private String said(String... command) throws IOException {
            List<String> words = new ArrayList<>(List.of("exec", name, "--"));
            words.addAll(List.of(command));
            return sandbox.aegis(words.toArray(String[]::new)).output();
        }

        /** Milliseconds that curl takes for a request, from the look-up of the name to the last byte. */
        double millis(String... request) throws IOException {
            List<String> words = new ArrayList<>(
                    List.of("curl", "-sS", "-o", "/dev/null", "-w", "%{time_total} %{http_code}", "-H", "Expect:"));
            words.addAll(List.of(request));
            String said = said(words.toArray(String[]::new));
            Matcher answered = ANSWERED.matcher(said);
            if (!answered.matches()) {
                throw new IOException("curl in the guest with the network " + name + " says: " + said);
            }
            return 1000 * Double.parseDouble(answered.group(1));
        }

        double manyMillis() throws IOException {
            return Double.parseDouble(
                    said("python3", "-c", Programs.resource("many.py"), "app.test", Integer.toString(AT_ONCE)));
        }
    }
}
