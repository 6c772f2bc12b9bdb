package dev.aegisvm.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
    private static final Nearby NEARBY = new Nearby(() -> List.of(
            Nearby.Kind.of("an address of this host", true, "192.0.32.7"),
            Nearby.Kind.of("an address in this host's local network", false, "192.0.32.0/24")));
    private static final List<String> WORDS = List.of(
            "api.example.com",
            "*.api.example.com",
            "api.example.com:443",
            "db.example",
            "10.0.0.0/8",
            "10.1.2.3:80",
            "0.0.0.0/0",
            "::/0",
            "[fd00::/8]:443",
            "@gitlab",
            "@github",
            "@docker",
            "instance:db",
            "instance:db:5432",
            "host.aegis:8080",
            "93.184.216.34");

    private static Policy policy(Mode mode, String allow, String deny) throws PolicyException {
        return new Policy(mode, rules(allow), rules(deny), NEARBY);
    }

    private static List<Rule> rules(String words) throws PolicyException {
        return new Presets(Path.of("none"), _ -> List.of())
                .filled(Rule.parse(Stream.of(words.split(" ", -1))
                        .filter(word -> !word.isEmpty())
                        .toList()));
    }

    private static Destination at(String address, int port) {
        return new Destination.Numeric(InetAddress.ofLiteral(address), port);
    }

    private static Destination leading(String name, String address, int port) {
        return new Destination.Resolved(name, InetAddress.ofLiteral(address), port);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allow  |              | api.example.com 443     | api.example.com is not in the policy; allow it with --allow api.example.com",
                "allow  | api.example.com:443 | api.example.com 80      | api.example.com:80 is not in the policy; allow it with --allow api.example.com:80",
                "allow  | *.api.example.com   | api.example.com 443     | api.example.com is not in the policy; allow it with --allow api.example.com",
                "allow  |              | 1.2.3.4 443      | 1.2.3.4:443 is not in the policy; allow it with --allow 1.2.3.4:443",
                "allow  |              | 2600::1 443      | [2600::1]:443 is not in the policy; allow it with --allow [2600::1]:443",
                "allow  |              | db.aegis 5432    | instance:db:5432 is not in the policy; allow it with --allow instance:db:5432",
                "allow  |              | db 5432          | db is not in the policy; allow it with --allow db; the instance db is called db.aegis",
                "public |              | db.aegis 5432    | instance:db:5432 is not in the policy; allow it with --allow instance:db:5432",
                "open   |              | host.aegis 80    | host.aegis:80 is not in the policy; allow it with --allow host.aegis:80",
                "public |              | host.aegis 0     | host.aegis:PORT is not in the policy; allow it with --allow host.aegis:PORT",
                "public |              | 10.0.0.1 80      | 10.0.0.1 is a private address, which --network public does not allow; allow it with --allow 10.0.0.1:80",
                "public |              | 192.0.32.7 80    | 192.0.32.7 is an address of this host, which --network public does not allow; open it with --allow 192.0.32.7:80",
                "public |              | 192.0.32.8 80    | 192.0.32.8 is an address in this host's local network, which --network public does not allow; allow it with --allow 192.0.32.8:80",
                "allow  | 0.0.0.0/0    | 127.0.0.1 80     | 127.0.0.1 is a loopback address, which the rule 0.0.0.0/0 does not allow; open it with --allow 127.0.0.1:80",
                "public | 192.0.32.0/28 | 192.0.32.7 80   | 192.0.32.7 is an address of this host, which the rule 192.0.32.0/28 does not allow; open it with --allow 192.0.32.7:80",
                "public | -evil.test   | evil.test 80     | evil.test:80 is refused by the rule --deny evil.test; --allow evil.test replaces that rule",
                "none   |              | api.example.com 443     | this instance has no network; to change that, stop it, and start it with --network allow",
            })
    void aRefusalSaysWhatToDo(String mode, String rules, String wanted, String sentence) throws PolicyException {
        String given = Objects.requireNonNullElse(rules, "");
        Policy policy = given.startsWith("-")
                ? policy(Mode.parse(mode), "", given.substring(1))
                : policy(Mode.parse(mode), given, "");
        Verdict verdict = policy.decide(destination(wanted));
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.sentence()).isEqualTo(sentence);
    }

    private static Destination destination(String wanted) {
        String[] parts = wanted.split(" ", -1);
        int port = Integer.parseInt(parts[1]);
        return Addresses.parse(parts[0])
                .<Destination>map(address -> new Destination.Numeric(address, port))
                .or(() -> Destination.ofName(parts[0], port))
                .orElseThrow();
    }

    @Test
    void whatASentenceAdvisesHelps() throws PolicyException {
        for (String wanted : List.of(
                "api.example.com 443",
                "1.2.3.4 443",
                "2600::1 443",
                "10.0.0.1 80",
                "127.0.0.1 80",
                "192.0.32.7 80",
                "db.aegis 5432",
                "host.aegis 80")) {
            Verdict refused = policy(Mode.ALLOW, "", "").decide(destination(wanted));
            String advice = refused.sentence().substring(refused.sentence().indexOf("--allow ") + "--allow ".length());
            assertThat(policy(Mode.ALLOW, advice, "")
                            .decide(destination(wanted))
                            .allowed())
                    .as(advice)
                    .isTrue();
        }
    }

    @Test
    void aNameThatLeadsNearNeedsARuleForTheAddressToo() throws PolicyException {
        Destination near = leading("db.example", "10.1.2.3", 5432);
        String sentence =
                "db.example resolves to 10.1.2.3, a private address; also allow that with --allow 10.1.2.3:5432";
        assertThat(policy(Mode.ALLOW, "db.example", "").decide(near).sentence()).isEqualTo(sentence);
        assertThat(policy(Mode.PUBLIC, "", "").decide(near).sentence()).isEqualTo(sentence);
        assertThat(policy(Mode.PUBLIC, "10.1.2.3:5432", "").decide(near).allowed())
                .isTrue();
        assertThat(policy(Mode.PUBLIC, "10.1.2.3:5433", "").decide(near).allowed())
                .isFalse();
        assertThat(policy(Mode.ALLOW, "db.example 10.0.0.0/8", "").decide(near).allowed())
                .isTrue();
        assertThat(policy(Mode.ALLOW, "10.0.0.0/8", "").decide(near).allowed()).isFalse();
        assertThat(policy(Mode.OPEN, "", "").decide(near).allowed()).isTrue();
        assertThat(policy(Mode.OPEN, "", "10.0.0.0/8").decide(near).allowed()).isFalse();
    }

    @Test
    void aNameThatLeadsToTheHostNeedsARuleForThatAddressAlone() throws PolicyException {
        Destination home = leading("lo.example", "127.0.0.1", 7777);
        assertThat(policy(Mode.PUBLIC, "0.0.0.0/0 ::/0", "").decide(home).sentence())
                .isEqualTo(
                        "lo.example resolves to 127.0.0.1, a loopback address, which the rule 0.0.0.0/0 does not allow;"
                                + " also open that with --allow 127.0.0.1:7777");
        for (String rule : List.of("127.0.0.1:7777", "127.0.0.1", "127.0.0.1/32")) {
            assertThat(policy(Mode.PUBLIC, rule, "").decide(home).allowed()).isTrue();
            assertThat(policy(Mode.ALLOW, "lo.example " + rule, "").decide(home).allowed())
                    .isTrue();
        }
        for (String rule : List.of("127.0.0.1:7778", "127.0.0.0/31", "host.aegis:7777")) {
            assertThat(policy(Mode.PUBLIC, rule, "").decide(home).allowed()).isFalse();
        }
    }

    @Test
    void itSaysWhichRuleDecidedAndWhetherForTheName() throws PolicyException {
        Policy policy = policy(Mode.PUBLIC, "@github 10.0.0.0/8", "*.evil.test");
        assertThat(policy.decide(new Destination.Named("github.com", 443)))
                .isEqualTo(new Verdict(true, true, "@github", "allowed by @github"));
        assertThat(policy.decide(new Destination.Named("other.test", 443)))
                .isEqualTo(new Verdict(true, false, "public", "allowed by public"));
        assertThat(policy.decide(at("10.0.0.1", 1)).rule()).isEqualTo("10.0.0.0/8");
        assertThat(policy.decide(new Destination.Named("x.evil.test", 1)).rule())
                .isEqualTo("deny *.evil.test");
        assertThat(policy.decide(new Destination.Named("evil.test", 1)).allowed())
                .isTrue();
    }

    @Test
    void aQuestionAboutANamePassesIfSomePortDoes() throws PolicyException {
        Destination question = new Destination.Named("api.example.com", Destination.SOME_PORT);
        assertThat(policy(Mode.ALLOW, "api.example.com:443", "")
                        .decide(question)
                        .allowed())
                .isTrue();
        assertThat(policy(Mode.PUBLIC, "", "api.example.com:80")
                        .decide(question)
                        .allowed())
                .isTrue();
        assertThat(policy(Mode.PUBLIC, "", "api.example.com").decide(question).allowed())
                .isFalse();
        assertThat(policy(Mode.ALLOW, "api.example.com:443", "api.example.com:443")
                        .decide(new Destination.Named("api.example.com", 443))
                        .allowed())
                .isFalse();
    }

    @Test
    void aDeniedAddressIsDeniedInEveryForm() throws PolicyException {
        Policy policy = policy(Mode.PUBLIC, "::/0 0.0.0.0/0", "93.184.216.34");
        for (String form : List.of("93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1", "::5db8:d822")) {
            assertThat(policy.decide(at(form, 80)).rule()).as(form).isEqualTo("deny 93.184.216.34");
            assertThat(policy.decide(leading("x.test", form, 80)).rule()).isEqualTo("deny 93.184.216.34");
        }
    }

    @Test
    void addressesOfTheHostAreAskedForWhenADecisionFalls() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Nearby nearby = new Nearby(() -> {
            asked.incrementAndGet();
            return Set.of();
        });
        Policy policy = new Policy(Mode.PUBLIC, List.of(), List.of(), nearby);
        for (int i = 0; i < 100; i++) {
            assertThat(policy.decide(at("192.0.32.7", 80)).allowed()).isTrue();
        }
        assertThat(asked.get()).isBetween(1, 10);
        for (String own : List.of("127.0.0.1")) {
            assertThat(Nearby.ofThisHost(List::of).kind(InetAddress.ofLiteral(own)))
                    .hasValueSatisfying(kind -> assertThat(kind.words()).isEqualTo("an address of this host"));
        }
    }

    /** For all policies made of these words, and all destinations that they are about. */
    @Test
    void moreDenialsNeverOpenAndMorePermissionsNeverClose() throws PolicyException {
        Random random = new Random(17);
        List<Destination> destinations = destinations();
        int differences = 0;
        for (int round = 0; round < 400; round++) {
            Mode mode = List.of(Mode.PUBLIC, Mode.ALLOW, Mode.OPEN).get(random.nextInt(3));
            String allow = some(random);
            String deny = some(random);
            String further = WORDS.get(random.nextInt(WORDS.size()));
            Policy base = policy(mode, allow, deny);
            Policy wider = policy(mode, allow + " " + further, deny);
            Policy narrower = policy(mode, allow, deny + " " + further);
            for (Destination wanted : destinations) {
                boolean passes = base.decide(wanted).allowed();
                assertThat(passes && !wider.decide(wanted).allowed()).isFalse();
                assertThat(!passes && narrower.decide(wanted).allowed()).isFalse();
                assertThat(passes && base.denying(wanted).isPresent()).isFalse();
                differences += wider.decide(wanted).allowed()
                                == narrower.decide(wanted).allowed()
                        ? 0
                        : 1;
            }
        }
        assertThat(differences).as("rules that made a difference").isGreaterThan(1000);
    }

    private static String some(Random random) {
        return random.ints(random.nextInt(4), 0, WORDS.size())
                .mapToObj(WORDS::get)
                .collect(Collectors.joining(" "));
    }

    private static List<Destination> destinations() {
        List<Destination> all = new ArrayList<>();
        for (int port : new int[] {80, 443, 5432, 8080}) {
            for (String name : List.of(
                    "api.example.com", "x.api.example.com", "db.example", "github.com", "db.aegis", "host.aegis")) {
                all.add(Destination.ofName(name, port).orElseThrow());
            }
            for (String address : List.of("10.1.2.3", "93.184.216.34", "fd00::1", "2600::1", "127.0.0.1")) {
                all.add(at(address, port));
                all.add(leading("api.example.com", address, port));
                all.add(leading("other.example", address, port));
            }
        }
        return all;
    }
}
