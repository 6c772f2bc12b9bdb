package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every line of {@code requests.tsv}: what is sent with a placeholder, and what becomes of it. */
class RequestTableTest {
    private static final String KEY = BoundSecret.newPlaceholder();
    private static final String OTHER = BoundSecret.newPlaceholder();
    private static final String VALUE = "value-9f3a77c1";

    record Row(String request, String outcome) {
        String bytes() {
            return request.replace("\\r", "\r")
                    .replace("\\n", "\n")
                    .replace("\\t", "\t")
                    .replace("\\0", "\0")
                    .replace("%KEY%", KEY)
                    .replace("%OTHER%", OTHER)
                    .replace("%LONG%", "x".repeat(40_000));
        }
    }

    static List<Row> rows() throws IOException {
        try (InputStream file = RequestTableTest.class.getResourceAsStream("/requests.tsv")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(cells -> new Row(cells[0], cells[1]))
                    .toList();
        }
    }

    @Test
    void theTableIsWhole() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(90).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isHeld(Row row) throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        String outcome = outcome(row.bytes().getBytes(StandardCharsets.ISO_8859_1), sent);
        String text = sent.toString(StandardCharsets.ISO_8859_1);
        if (row.outcome().equals("as it is")) {
            assertThat(outcome).isEqualTo("sent");
            assertThat(text)
                    .endsWith(row.bytes().substring(row.bytes().indexOf("\r\n\r\n")))
                    .doesNotContain(VALUE);
            return;
        }
        assertThat(outcome).contains(row.outcome());
        assertThat(text).doesNotContain(KEY).doesNotContain(OTHER);
        if (row.outcome().equals("sent")) {
            assertThat(text.contains(VALUE)).isEqualTo(row.request().contains("%KEY%"));
            // In lines that are headers, and nowhere else.
            assertThat(text.lines().filter(line -> line.contains(VALUE)))
                    .allMatch(line -> line.matches("[A-Za-z-]+: .*"));
        } else {
            assertThat(text).doesNotContain(VALUE);
        }
    }

    /** All requests that bytes are. */
    static String outcome(byte[] bytes, OutputStream sent) throws Exception {
        Placeholders placeholders = new Placeholders(
                List.of(
                        BoundSecret.parse("KEY@api.test", List.of(KEY)),
                        BoundSecret.parse("OTHER@other.test", List.of(OTHER))),
                name -> VALUE,
                value -> {});
        Requests requests = new Requests(Intercepted.DESTINATION, placeholders);
        HttpInput in = new HttpInput(new ByteArrayInputStream(bytes), () -> {});
        try {
            for (Optional<RequestHead> next = requests.next(in); next.isPresent(); next = requests.next(in)) {
                requests.sendHead(next.get(), sent);
                requests.sendBody(next.get(), in, sent);
            }
            return "sent";
        } catch (Refusal refusal) {
            return refusal.sentence();
        }
    }
}
