package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a newcomer does first: a fresh clone, an empty home, one command. */
final class FreshClone implements Measure {
    private static final double WISH_SECONDS = 300;
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final Path checkout;

    /** A measure of the commit that is checked out there. */
    FreshClone(Path checkout) {
        this.checkout = checkout;
    }

    @Override
    public String title() {
        return "fresh clone to hello";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Path clone = sandbox.scratch("fresh").resolve("clone");
        Path home = sandbox.scratch("fresh-home");
        Map<String, String> environment = Map.of(
                "AEGIS_HOME", home.toString(),
                "AEGIS_CACHE", home.resolve("cache").toString(),
                "MAVEN_ARGS", "-Dmaven.repo.local=" + sandbox.scratch("fresh-m2"));
        long begin = System.nanoTime();
        TimedProcess.of(List.of("git", "clone", "-q", "file://" + checkout, clone.toString()), Map.of())
                .millisOf("");
        String aegis = clone.resolve("aegis").toString();
        new TimedProcess(List.of(aegis, "run", "--", "echo", "hello"), environment, clone, LIMIT).millisOf("hello\n");
        double seconds = (System.nanoTime() - begin) / 1e9;
        TimedProcess.of(List.of(aegis, "down"), environment).run();
        return List.of(Row.of("fresh", "fresh clone → hello", "s", List.of(seconds))
                .atMost(WISH_SECONDS)
                .note("one run; home, cache and Maven's repository were empty, the system's packages installed"));
    }
}
