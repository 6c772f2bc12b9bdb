package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.bench.Measure.Turns;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** Files in a workspace against the same on the guest's own disk, in one guest and in turn, by its clock. */
final class Workspaces {
    /** Makes the repository in the workspace on the host: in the guest that would take minutes. */
    private static final String REPOSITORY = """
            set -e
            git init -q "$0" && cd "$0"
            for d in $(seq 100); do
                mkdir "d$d"
                for f in $(seq 100); do echo "$d $f" >"d$d/f$f"; done
            done
            git add .
            git -c user.name=a -c user.email=a@localhost commit -qm all
            """;

    private static final String OWN = "  on the guest's own disk";

    private Workspaces() {}

    static List<Row> measure(Sandbox sandbox, int runs) throws IOException {
        CreateInstance create = CreateInstanceBuilder.builder()
                .command(Sandbox.IDLE)
                .workspace("bench")
                .build();
        Turns turns = new Turns();
        sandbox.with(create, (client, id) -> {
            String repository =
                    sandbox.data().resolve("workspaces/bench/repository").toString();
            TimedProcess.of("sh", "-c", REPOSITORY, repository).mustEnd();
            Guest guest = new Guest(sandbox, id, turns);
            guest.script("tree", "/root");
            return turns.each("write", () -> guest.both("bytes", "/workspace", "read"))
                    .each("write.own", () -> guest.both("bytes", "/root", "read.own"))
                    .each("status", () -> guest.both("status", "/workspace", "status.again"))
                    .each("status.own", () -> guest.both("status", "/root", "status.again.own"))
                    .run(1, Math.min(runs, 5));
        });
        return Stream.of(
                        rates(turns, "write", "256 MiB written and synced in a workspace"),
                        rates(turns, "read", "256 MiB read in a workspace, caches dropped first"),
                        List.of(
                                row(
                                        turns,
                                        "status",
                                        "`git status` of 10 000 files in a workspace, caches dropped",
                                        "ms"),
                                row(turns, "status.own", OWN, "ms"),
                                row(turns, "status.again", "  in a workspace, at once again", "ms"),
                                row(turns, "status.again.own", OWN + ", at once again", "ms")))
                .flatMap(List::stream)
                .toList();
    }

    /** At least half of the rate on the own disk. */
    private static List<Row> rates(Turns turns, String name, String title) {
        Row own = row(turns, name + ".own", OWN, "MB/s");
        return List.of(row(turns, name, title, "MB/s").atLeastPercent(50, own), own);
    }

    private static Row row(Turns turns, String name, String title, String unit) {
        return Row.of(
                "workspace." + name, title, unit, turns.row(name, title, unit).samples());
    }

    /** Runs the script of this measure in the guest. */
    private record Guest(Sandbox sandbox, String id, Turns turns) {
        /** Gives the first of two numbers, and keeps the second. */
        double both(String what, String directory, String second) throws IOException {
            List<Double> numbers = script(what, directory);
            turns.keep(second, numbers.getLast());
            return numbers.getFirst();
        }

        List<Double> script(String what, String directory) throws IOException {
            String said = sandbox.aegis(
                            "exec", id, "--", "python3", "-c", Commands.resource("files.py"), what, directory)
                    .mustEnd();
            return Stream.of(said.strip().split(" ", -1))
                    .filter(word -> !word.isEmpty())
                    .map(Double::valueOf)
                    .toList();
        }
    }
}
