package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.testkit.TestWorld;

/**
 * What a guest reaches through the gateway, in turn with one that has passt, in a world of the bench's own; by the
 * clock of the guest's curl, which begins before the name is looked up.
 */
final class Networks {
    private static final CreateInstance PUBLIC = Sandbox.IDLE.withNetwork("public");
    private static final int AT_ONCE = 1000;
    private static final long LARGE = 256 << 20;
    private static final long KEYED = 64 << 20;
    private static final Pattern ANSWERED = Pattern.compile("(\\d+\\.\\d+) 200");

    private final Turns turns;
    private final Instance gateway;
    private final Instance passt;

    Networks(Turns turns, Instance gateway, Instance passt) {
        this.turns = turns;
        this.gateway = gateway;
        this.passt = passt;
    }

    static void reach(Sandbox usual, Turns turns) throws IOException {
        turns.each("network.start", () -> usual.startMillis(Sandbox.ECHO.withNetwork("public"), "template"));
        turns.each("network.start.open", () -> usual.startMillis(Sandbox.ECHO.withNetwork("open"), "template"));
        turns.run(2, 60);
        try (TestWorld world = TestWorld.create(usual.checkout());
                Sandbox sandbox = usual.within(world);
                Instance gateway = sandbox.start(PUBLIC.withTrustHostCas(true));
                Instance passt = sandbox.start(Sandbox.IDLE.withNetwork("open"))) {
            Networks both = new Networks(turns, gateway, passt);
            both.requests();
            both.atOnce(sandbox.daemon());
            both.secrets(sandbox);
        }
    }

    private interface OfGuest {
        double take(Instance guest) throws IOException;
    }

    private void each(String name, OfGuest sample) {
        turns.each(name, () -> sample.take(gateway));
        turns.each(name + ".passt", () -> sample.take(passt));
    }

    private void requests() throws IOException {
        each("network.get", guest -> curlMillis(guest, "http://app.test/bytes/1000"));
        turns.run(10, 100);
        for (Instance guest : List.of(gateway, passt)) {
            guest.exec("truncate", "-s", "" + LARGE, "/tmp/file");
        }
        each("network.down", guest -> LARGE / 1000.0 / curlMillis(guest, "http://app.test/bytes/" + LARGE));
        each("network.up", guest -> LARGE / 1000.0 / curlMillis(guest, "-T", "/tmp/file", "http://app.test/"));
        turns.run(1, 5);
    }

    /** All are open before the first of them asks for something. */
    private void atOnce(long daemon) throws IOException {
        each("network.many", Networks::manyMillis);
        turns.run(1, 3);
        turns.keep("network.memory.before", Usage.residentMb(daemon));
        Usage.forgetHighest(daemon);
        manyMillis(gateway);
        turns.keep("network.memory", Usage.highestMb(daemon));
    }

    /** Where a value is put in, and where the same goes through as it is. */
    private void secrets(Sandbox sandbox) throws IOException {
        sandbox.call(Routes.PUT_SECRET.with(new SecretValue("of the bench"), "KEY"));
        try (Instance inspected = sandbox.start(PUBLIC.withSecrets(List.of("KEY@api.test")))) {
            String key = "X-Api-Key: " + inspected.exec("printenv", "KEY").strip();
            turns.each("network.secret", () -> keyedMillis(inspected, key, 1000));
            turns.each("network.tls", () -> keyedMillis(gateway, "X: -", 1000));
            turns.run(5, 40);
            turns.each("network.secret.down", () -> KEYED / 1000.0 / keyedMillis(inspected, key, KEYED));
            turns.each("network.tls.down", () -> KEYED / 1000.0 / keyedMillis(gateway, "X: -", KEYED));
            turns.run(1, 7);
        }
    }

    private static double keyedMillis(Instance guest, String header, long bytes) throws IOException {
        return curlMillis(guest, "-H", header, "https://api.test/bytes/" + bytes);
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
        return Double.parseDouble(guest.exec("python3", "-c", Sandbox.resource("many.py"), "app.test", "" + AT_ONCE));
    }
}
