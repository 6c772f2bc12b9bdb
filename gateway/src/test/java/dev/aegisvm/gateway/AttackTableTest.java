package dev.aegisvm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.gateway.dial.TestPassages;
import dev.aegisvm.gateway.dial.TlsGreeting;
import dev.aegisvm.gateway.names.*;
import dev.aegisvm.gateway.policy.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Every line of {@code attacks.tsv}: what a guest may try, and what becomes of it. */
class AttackTableTest {
    private static final Nearby NEARBY = new Nearby(() -> List.of(
            Nearby.Kind.of("an address of this host", true, "192.0.32.7 2a01:77::7"),
            Nearby.Kind.of("an address in this host's local network", false, "192.0.32.0/24 2a01:77::/64"),
            Nearby.Kind.of("a gateway of this host", false, "193.0.14.1")));
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    record Row(String kind, String policy, String subject, String given, String outcome) {
        Policy made() throws PolicyException {
            String[] words = policy.split(" ", -1);
            return new Policy(Mode.parse(words[0]), rules(words, "+"), rules(words, "-"), NEARBY);
        }

        private static List<Rule> rules(String[] words, String sign) throws PolicyException {
            return new Presets(Path.of("none"), _ -> List.of())
                    .filled(Rule.parse(Stream.of(words)
                            .filter(word -> word.startsWith(sign))
                            .map(word -> word.substring(1))
                            .toList()));
        }
    }

    static List<Row> rows() throws IOException {
        try (InputStream file = AttackTableTest.class.getResourceAsStream("/attacks.tsv")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(cells -> new Row(cells[0], cells[1], cells[2], cells[3], cells[4]))
                    .toList();
        }
    }

    @Test
    void theTableIsWhole() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(480).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isHeld(Row row) throws Exception {
        String outcome = switch (row.kind()) {
            case "address" -> address(row);
            case "name" -> name(row);
            case "leads" -> leads(row);
            case "http" -> firstBytes(row, HTTP, Bytes.of(row.given().replace("%LONG%", "x".repeat(20_000))));
            case "tls" -> firstBytes(row, HTTPS, TlsGreeting.of(row.given()));
            case "dns" -> dns(row);
            default -> throw new IllegalArgumentException(row.kind());
        };
        assertThat(outcome).isEqualTo(row.outcome());
    }

    private static String verdict(Row row, Destination destination) throws PolicyException {
        return row.made().decide(destination).allowed() ? "allowed" : "refused";
    }

    private static String address(Row row) throws PolicyException {
        Optional<InetAddress> address = Addresses.parse(row.subject());
        return address.isEmpty()
                ? "no address"
                : verdict(row, new Destination.Numeric(address.get(), Integer.parseInt(row.given())));
    }

    private static String name(Row row) throws PolicyException {
        Optional<Destination> destination =
                HostName.normal(row.subject()).flatMap(name -> Destination.ofName(name, Integer.parseInt(row.given())));
        return destination.isEmpty() ? "no name" : verdict(row, destination.get());
    }

    private static String leads(Row row) throws PolicyException {
        List<String> passing = new ArrayList<>();
        for (String address : row.given().split(",", -1)) {
            Destination resolved = new Destination.Resolved(row.subject(), InetAddress.ofLiteral(address), HTTPS);
            if (row.made().decide(resolved).allowed()) {
                passing.add(address);
            }
        }
        return passing.isEmpty() ? "none" : String.join(",", passing);
    }

    /** At once, and then a byte at a time: what was cut by the client must not matter. */
    private static String firstBytes(Row row, int port, byte[] bytes) throws PolicyException {
        Destination destination = Addresses.parse(row.subject())
                .<Destination>map(address -> new Destination.Numeric(address, port))
                .or(() -> Destination.ofName(row.subject(), port))
                .orElseThrow();
        String whole = TestPassages.outcome(row.made(), destination, bytes, bytes.length);
        if (bytes.length < 5000) {
            assertThat(TestPassages.outcome(row.made(), destination, bytes, 1))
                    .as("a byte at a time")
                    .isEqualTo(whole);
        }
        return whole;
    }

    private static String dns(Row row) throws Exception {
        Policy policy = row.made();
        Gate gate = new Gate(() -> policy, new SyntheticNames(), new ScriptedUpstream(), line -> {});
        Resolver resolver = new Resolver(gate, name -> false);
        byte[] answer = resolver.answer(query(row.given()), false);
        if (answer.length == 0) {
            return "nothing";
        }
        Message message = new Message(answer);
        return Rcode.string(message.getRcode()) + " "
                + message.getSection(Section.ANSWER).size();
    }

    private static byte[] query(String given) throws IOException {
        if (!given.contains(" ")) {
            return HexFormat.of().parseHex(given);
        }
        String[] words = given.split(" ", -1);
        return Message.newQuery(Record.newRecord(Name.fromString(words[0] + "."), Type.value(words[1]), DClass.IN))
                .toWire();
    }
}
