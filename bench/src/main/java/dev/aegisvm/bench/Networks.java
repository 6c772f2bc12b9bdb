package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.testkit.TestWorld;

/**
 * What a guest reaches through the gateway, in turn with one that has passt, in a world of the bench's own; by the clock of the guest's
 * curl, which begins before the name is looked up.
 */
record Networks(Turns turns, Instance gateway, Instance passt) {
    private static final String PUBLIC = "public";
    private static final String OPEN = "open";
    private static final int AT_ONCE = 1000;
    /** Of {@link Bytes#SIZE}, and all of it a hole. */
    private static final String FILE = "/tmp/file";

    private static final int KEYED_BYTES = 64 << 20;

    private static final Pattern ANSWERED = Pattern.compile("(\\d+\\.\\d+) 200");

    static void reach(Sandbox usual, Turns turns) throws IOException {
        String title = "POST /v1/instances → main process started, from a template, `--network public`";
        turns.each("network.start", title, () -> usual.startMillis(Sandbox.ECHO.withNetwork(PUBLIC), "template"))
                .atMostTimes(
                        1,
                        turns.each(
                                "network.start.open",
                                "  `--network open`",
                                () -> usual.startMillis(Sandbox.ECHO.withNetwork(OPEN), "template")));
        turns.run(2, 60);
        try (TestWorld world = TestWorld.create(usual.checkout());
                Sandbox sandbox = usual.within(world);
                Instance gateway =
                        sandbox.start(Sandbox.IDLE.withNetwork(PUBLIC).withTrustHostCas(true));
                Instance passt = sandbox.start(Sandbox.IDLE.withNetwork(OPEN))) {
            Networks both = new Networks(turns, gateway, passt);
            both.requests();
            both.bulk();
            both.atOnce(sandbox.daemon());
            both.secrets(sandbox);
        }
    }

    private void requests() throws IOException {
        String title = "name, connection and GET of 1 kB, through the gateway";
        each("network.get", title, "ms", guest -> curlMillis(guest, "http://app.test/bytes/1000"))
                .atMostMore(3, turns.metric("network.get.passt", ""));
        turns.run(10, 100);
    }

    private void bulk() throws IOException {
        rate("network.down", "256 MiB to the guest, through the gateway", "http://app.test/bytes/" + Bytes.SIZE);
        for (Instance guest : List.of(gateway, passt)) {
            guest.exec("truncate", "-s", "" + Bytes.SIZE, FILE);
        }
        rate("network.up", "256 MiB from the guest, through the gateway", "-T", FILE, "http://app.test/");
        turns.run(1, 5);
    }

    private void rate(String name, String title, String... request) {
        each(name, title, "MB/s", guest -> Bytes.SIZE / 1000.0 / curlMillis(guest, request))
                .atLeastTimes(1, turns.metric(name + ".passt", ""));
    }

    /** All are open before the first of them asks for something. */
    private void atOnce(long daemon) throws IOException {
        String title = AT_ONCE + " connections at once, each with a GET of 1 kB";
        each("network.many", title, "ms", Networks::manyMillis);
        turns.run(1, 3);
        Metric before = turns.value("network.memory.before", "  before them", "MB", ProcFile.residentMb(daemon));
        ProcFile.forgetHighest(daemon);
        manyMillis(gateway);
        turns.value("network.memory", "most memory of the daemon while they are open", "MB", ProcFile.highestMb(daemon))
                .atMostMore(128, before);
    }

    /** Where a value is put in, and where the same goes through as it is. */
    private void secrets(Sandbox sandbox) throws IOException {
        sandbox.call(Routes.PUT_SECRET.with(new SecretValue("of the bench"), "KEY"));
        CreateInstance bound = Sandbox.IDLE.withNetwork(PUBLIC).withSecrets(List.of("KEY@api.test"));
        try (Instance inspected = sandbox.start(bound)) {
            String key = "X-Api-Key: " + inspected.exec("printenv", "KEY").strip();
            String small = "https://api.test/bytes/1000";
            turns.each("network.secret", "GET of 1 kB by HTTPS, a secret put in", () -> keyed(inspected, key, small))
                    .atMostMore(10, turns.each("network.tls", "  uninspected", () -> keyed(gateway, "X: -", small)));
            turns.run(5, 40);
            keyedRate("network.secret.down", "64 MiB to the guest by HTTPS, a secret put in", inspected, key)
                    .atLeastTimes(0.7, keyedRate("network.tls.down", "  uninspected", gateway, "X: -"));
            turns.run(1, 7);
        }
    }

    private Metric keyedRate(String name, String title, Instance guest, String header) {
        String url = "https://api.test/bytes/" + KEYED_BYTES;
        return turns.each(name, title, "MB/s", () -> KEYED_BYTES / 1000.0 / keyed(guest, header, url));
    }

    private static double keyed(Instance guest, String header, String url) throws IOException {
        return curlMillis(guest, "-H", header, url);
    }

    private interface OfGuest {
        double take(Instance guest) throws IOException;
    }

    /** In turn with the same by passt, which is the next row. */
    private Metric each(String name, String title, String unit, OfGuest sample) {
        Metric own = turns.each(name, title, unit, () -> sample.take(gateway));
        turns.each(name + ".passt", "  by passt", unit, () -> sample.take(passt));
        return own;
    }

    /** Milliseconds that curl takes for a request, from the look-up of the name to the last byte. */
    private static double curlMillis(Instance guest, String... request) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("curl", "-sS", "-o", "/dev/null", "-w", "%{time_total} %{http_code}", "-H", "Expect:"));
        words.addAll(List.of(request));
        String said = guest.exec(words.toArray(String[]::new));
        Matcher answered = ANSWERED.matcher(said);
        if (!answered.matches()) {
            throw new IOException("curl in a guest says: " + said);
        }
        return 1000 * Double.parseDouble(answered.group(1));
    }

    private static double manyMillis(Instance guest) throws IOException {
        return Double.parseDouble(guest.exec("python3", "-c", Programs.resource("many.py"), "app.test", "" + AT_ONCE));
    }
}
