package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import org.junit.jupiter.api.Test;

/**
 * The tables in {@code docs/LIFECYCLE.md} are what {@link Transitions} decides; {@code -Dgolden.update=true} writes them anew,
 * between the comments that name them.
 */
class LifecycleDocTest {
    private static final String QUIET = "it may sleep";
    /** The circumstances that have to do with sleep. */
    private static final int TIMER_COLUMNS = 4;

    private static final List<String> LIVES = List.of("until its main process ends", "as long as its client");

    private static final Path DOCUMENT = Path.of(System.getProperty("aegis.checkout", ".."), "docs/LIFECYCLE.md");

    @Test
    void requestsAreDecidedAsTheDocumentSays() throws IOException {
        check("requests", table(Samples.REQUESTS));
    }

    @Test
    void reportsAreDecidedAsTheDocumentSays() throws IOException {
        check("reports", table(Samples.REPORTS));
    }

    /** What becomes of an idle timer depends on the circumstances alone. */
    @Test
    void timersAreDecidedAsTheDocumentSays() throws IOException {
        List<String> columns = List.copyOf(Samples.CIRCUMSTANCES.keySet()).subList(0, TIMER_COLUMNS);
        StringBuilder table = new StringBuilder(head(columns));
        Samples.STATES.forEach((name, state) -> {
            if (columns.stream()
                    .anyMatch(column -> !cell(state, Samples.IDLE_TIMER, column).equals("·"))) {
                row(table, name, columns.stream().map(column -> cell(state, Samples.IDLE_TIMER, column)));
            }
        });
        check("timers", table.toString());
    }

    /** What becomes of instances that do not stay, where that is not what becomes of others. */
    @Test
    void livesAreDecidedAsTheDocumentSays() throws IOException {
        List<String> events = List.of("stop", "disable", "daemon stop", "main exited");
        StringBuilder table = new StringBuilder(
                head(Stream.concat(Stream.of("it stays"), events.stream()).toList()));
        Samples.STATES.forEach((name, state) -> LIVES.forEach(life -> {
            List<String> cells = events.stream()
                    .map(event -> cell(state, Samples.event(event), life))
                    .toList();
            if (!cells.equals(events.stream()
                    .map(event -> cell(state, Samples.event(event), QUIET))
                    .toList())) {
                row(table, name, Stream.concat(Stream.of(life), cells.stream()));
            }
        }));
        check("lives", table.toString());
    }

    /** Every other pair whose decision depends on the circumstances. */
    @Test
    void conditionsAreThoseOfTheDocument() throws IOException {
        StringBuilder table = new StringBuilder(head(List.of("event", "where", "what follows")));
        Samples.STATES.forEach((name, state) -> Samples.events().forEach((called, event) -> {
            String usual = cell(state, event, QUIET);
            for (String condition : Samples.CIRCUMSTANCES.keySet()) {
                String cell = cell(state, event, condition);
                if (!cell.equals(usual) && !LIVES.contains(condition) && !event.equals(Samples.IDLE_TIMER)) {
                    row(table, name, Stream.of(called, condition, cell));
                }
            }
        }));
        check("conditions", table.toString());
    }

    private static void check(String name, String rows) throws IOException {
        String document = Files.readString(DOCUMENT);
        String opening = "<!-- table: " + name + " -->\n";
        int begin = document.indexOf(opening) + opening.length();
        int end = document.indexOf("<!-- end -->", begin);
        assertThat(begin).as("the place for the table of " + name).isGreaterThanOrEqualTo(opening.length());
        assertThat(end).as("its end").isGreaterThanOrEqualTo(begin);
        String table = "\n" + rows + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("docs/LIFECYCLE.md is not what Transitions does: run this test with -Dgolden.update=true")
                .isEqualTo(table);
    }

    private static String table(Map<String, ? extends InstanceEvent> events) {
        StringBuilder table = new StringBuilder(head(events.keySet()));
        Samples.STATES.forEach((name, state) ->
                row(table, name, events.values().stream().map(event -> cell(state, event, QUIET))));
        return table.toString();
    }

    private static String head(Collection<String> columns) {
        return "| | " + String.join(" | ", columns) + " |\n" + "| --- ".repeat(columns.size() + 1) + "|\n";
    }

    private static void row(StringBuilder table, String state, Stream<String> cells) {
        table.append("| **").append(state).append("** | ").append(cells.collect(Collectors.joining(" | ")));
        table.append(" |\n");
    }

    private static String cell(InstanceState state, InstanceEvent event, String circumstances) {
        Decision decision =
                Transitions.decide(state, event, Objects.requireNonNull(Samples.CIRCUMSTANCES.get(circumstances)));
        if (decision.answer() instanceof Decision.Answer.Refused(ErrorCode code)) {
            return code.status() + " " + code.name().toLowerCase(Locale.ROOT);
        }
        String next = Samples.name(decision.next());
        String then = decision.effects().stream()
                .filter(Effect.Follow.class::isInstance)
                .map(follow ->
                        ", then " + ((Effect.Follow) follow).event().getClass().getSimpleName())
                .collect(Collectors.joining())
                .toLowerCase(Locale.ROOT);
        return (next.equals(Samples.name(state)) ? "·" : next) + then;
    }
}
