package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/**
 * The tables in {@code docs/LIFECYCLE.md} are what {@link Transitions} decides; {@code -Dgolden.update=true} writes them anew,
 * between the comments that name them.
 */
class LifecycleDocTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("aegis.checkout", ".."), "docs/LIFECYCLE.md");

    @Test
    void requestsAreDecidedAsTheDocumentSays() throws IOException {
        check("requests", Samples.REQUESTS);
    }

    @Test
    void timersAreDecidedAsTheDocumentSays() throws IOException {
        check("timers", Samples.TIMERS);
    }

    @Test
    void reportsAreDecidedAsTheDocumentSays() throws IOException {
        check("reports", Samples.REPORTS);
    }

    private static void check(String name, Map<String, ? extends InstanceEvent> events) throws IOException {
        String document = Files.readString(DOCUMENT);
        String opening = "<!-- table: " + name + " -->\n";
        int begin = document.indexOf(opening) + opening.length();
        int end = document.indexOf("<!-- end -->", begin);
        assertThat(begin).as("the place for the table of " + name).isGreaterThanOrEqualTo(opening.length());
        assertThat(end).as("its end").isGreaterThanOrEqualTo(begin);
        String table = "\n" + table(events) + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("docs/LIFECYCLE.md is not what Transitions does: run this test with -Dgolden.update=true")
                .isEqualTo(table);
    }

    private static String table(Map<String, ? extends InstanceEvent> events) {
        StringBuilder table = new StringBuilder();
        table.append("| | ").append(String.join(" | ", events.keySet())).append(" |\n");
        table.append("| --- ".repeat(events.size() + 1)).append("|\n");
        Samples.STATES.forEach((name, state) -> {
            StringJoiner cells = new StringJoiner(" | ");
            events.values().forEach(event -> cells.add(cell(state, event)));
            table.append("| **").append(name).append("** | ").append(cells).append(" |\n");
        });
        return table.toString();
    }

    private static String cell(InstanceState state, InstanceEvent event) {
        Decision decision = Transitions.decide(state, event);
        String next = Samples.name(decision.next());
        return switch (decision.answer()) {
            case Decision.Answer.Refused refused ->
                Integer.toString(refused.code().status());
            case Decision.Answer.Accepted _, Decision.Answer.When _ -> next.equals(Samples.name(state)) ? "·" : next;
        };
    }
}
