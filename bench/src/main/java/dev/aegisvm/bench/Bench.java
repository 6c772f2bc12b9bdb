package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A whole run: a daemon, the measures one after the other, a table, a file. */
final class Bench {
    private final Options options;
    private final PrintStream out;
    private final PrintStream progress;

    /**
     * A run.
     *
     * @param out gets the table
     * @param progress gets what is being done
     */
    Bench(Options options, PrintStream out, PrintStream progress) {
        this.options = options;
        this.out = out;
        this.progress = progress;
    }

    /** Measures all that is asked for; a measure that breaks off does not spoil the others. */
    Row.Results run(Sandbox sandbox) throws IOException {
        say("starting a daemon of its own, and the first VM");
        sandbox.up();
        sandbox.awaitTemplate(CreateInstance.of(Sandbox.ECHO));
        Map<String, String> facts = new LinkedHashMap<>(MachineFacts.gather(sandbox));
        facts.forEach((name, value) -> out.println(name + ": " + value));
        List<Row> rows = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Options.Subject subject : options.only()) {
            say(subject.title());
            try {
                rows.addAll(measure(subject).take(sandbox, options.runs()));
            } catch (IOException | RuntimeException failure) {
                failures.add(subject.title() + ": " + failure);
                say("failed: " + failure);
            }
        }
        facts.put("load after", MachineFacts.load());
        Row.Results results = new Row.Results(facts, rows, failures);
        publish(results);
        return results;
    }

    private static Measure measure(Options.Subject subject) {
        return switch (subject) {
            case START -> Starts::start;
            case RESTART -> Starts::restart;
            case COLD -> Starts::cold;
            case RUN -> Commands::run;
            case EXEC -> Execs::exec;
            case RESUME -> Execs::resume;
            case STATUS -> Commands::status;
            case MEMORY -> Memory::idle;
            case THROUGHPUT -> Bytes::output;
            case COPIES -> Bytes::copies;
            case KEYS -> Commands::keys;
            case MCP -> Mcp::calls;
            case WAKE -> Ports::wake;
            case RELAY -> Ports::relay;
            case ASLEEP -> Memory::asleep;
            case IMAGES -> Images::pull;
            case IMAGED -> Images::run;
            case WORKSPACE -> Workspaces::measure;
            case SECRETS -> Starts::secrets;
            case DAEMON -> Daemons::start;
            case CYCLES -> Daemons::cycles;
            case FRESH -> Commands::fresh;
        };
    }

    private void publish(Row.Results results) throws IOException {
        out.println("load after: " + results.facts().get("load after"));
        out.println();
        out.print(Table.of(results.rows()));
        results.failures().forEach(failure -> out.println("FAILED " + failure));
        Path parent = options.json().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(
                options.json(), Jsonb.instance().type(Row.Results.class).toJsonPretty(results) + "\n");
        out.println("all values: " + options.json());
    }

    private void say(String what) {
        progress.println("bench: " + what);
    }
}
