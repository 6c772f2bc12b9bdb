package dev.aegisvm.bench;

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
    private final Path checkout;
    private final PrintStream out;
    private final PrintStream progress;

    /**
     * A run.
     *
     * @param out gets the table
     * @param progress gets what is being done
     */
    Bench(Options options, Path checkout, PrintStream out, PrintStream progress) {
        this.options = options;
        this.checkout = checkout;
        this.out = out;
        this.progress = progress;
    }

    /** Measures all that is asked for; a measure that breaks off does not spoil the others. */
    Results run(Sandbox sandbox) throws IOException {
        say("starting a daemon of its own, and the first VM");
        sandbox.up();
        sandbox.awaitTemplate();
        Map<String, String> facts = new LinkedHashMap<>(MachineFacts.gather(checkout, sandbox.cache()));
        facts.forEach((name, value) -> out.println(name + ": " + value));
        List<Row> rows = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Options.Subject subject : options.only()) {
            Measure measure = measure(subject, sandbox);
            say(measure.title());
            try {
                rows.addAll(measure.take(sandbox, options.runs()));
            } catch (IOException | RuntimeException failure) {
                failures.add(measure.title() + ": " + failure);
                say("failed: " + failure);
            }
        }
        facts.put("load after", MachineFacts.load());
        Results results = new Results(facts, rows, failures);
        publish(results);
        return results;
    }

    private Measure measure(Options.Subject subject, Sandbox sandbox) throws IOException {
        return switch (subject) {
            case START -> new InstanceStart();
            case RESTART -> new Restart(AcceleratorFile.in(sandbox.cache()));
            case COLD -> new ColdBoot(AcceleratorFile.in(sandbox.cache()));
            case RUN -> new RunEcho();
            case EXEC -> new ExecTrue();
            case RESUME -> new PauseAndResume();
            case STATUS -> new StatusCommand();
            case MEMORY -> new Memory();
            case THROUGHPUT -> new Throughput();
            case COPIES -> new Copies();
            case KEYS -> new Keystrokes();
            case MCP -> new McpCalls();
            case WAKE -> new Wake(AcceleratorFile.in(sandbox.cache()));
            case RELAY -> new Relay();
            case ASLEEP -> new Asleep();
            case IMAGES -> new ImagePull();
            case IMAGED -> new ImageRun(AcceleratorFile.in(sandbox.cache()));
            case WORKSPACE -> new Workspaces();
            case SECRETS -> new Secrets();
            case DAEMON -> new DaemonStart();
            case CYCLES -> new Cycles();
            case FRESH -> new FreshClone(checkout);
        };
    }

    private void publish(Results results) throws IOException {
        out.println("load after: " + results.facts().get("load after"));
        out.println();
        out.print(Table.of(results.rows()));
        results.failures().forEach(failure -> out.println("FAILED " + failure));
        Path parent = options.json().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(options.json(), Jsonb.instance().type(Results.class).toJsonPretty(results) + "\n");
        out.println("all values: " + options.json());
    }

    private void say(String what) {
        progress.println("bench: " + what);
    }
}
