package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;
import io.avaje.jsonb.*;

/**
 * What a run of the bench has measured, as {@code report.py} reads it.
 *
 * @param command {@code bench} or {@code soak}, by which the files with its results are called
 * @param usual whether nothing was made smaller, so that docs/PERFORMANCE.md may be made of this
 * @param rows values by their names in {@code rows.txt}
 * @param failures by the subject that broke off
 */
@Json
record Results(
        String command,
        boolean usual,
        List<String> measured,
        Map<String, String> facts,
        Map<String, List<Double>> rows,
        Map<String, String> failures) {
    private static final String SCRIPT = "bench/src/main/resources/dev/aegisvm/bench/report.py";

    /** Has tables made, values kept in {@code bench/target}, and the page made again; returns what is to be said. */
    String report(Path checkout) throws IOException {
        Path run = Files.createDirectories(checkout.resolve("bench/target")).resolve("run.json");
        Files.writeString(run, Jsonb.instance().type(Results.class).toJson(this));
        return Tool.run("python3", "" + checkout.resolve(SCRIPT), "" + run, "" + checkout);
    }
}
