package dev.aegisvm.gateway.names;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.AuditLine;
import dev.aegisvm.gateway.policy.*;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class ResolverTest {
    private final ScriptedUpstream upstream = new ScriptedUpstream();
    private final SyntheticNames names = new SyntheticNames();
    private final List<AuditLine> log = new ArrayList<>();
    private Policy policy = policy("public");

    private static Policy policy(String mode, String... allow) {
        try {
            return new Policy(Mode.parse(mode), Rule.parse(List.of(allow)), List.of(), new Nearby(Set::of));
        } catch (PolicyException mistake) {
            throw new IllegalArgumentException(mistake);
        }
    }

    private Message ask(String name, int type) throws IOException {
        return ask(query(name, type), false);
    }

    private Message ask(Message query, boolean tcp) throws IOException {
        Gate gate = new Gate(() -> policy, names, upstream, log::add);
        Resolver resolver = new Resolver(gate, to -> to.text().endsWith(".corp"));
        return new Message(resolver.answer(query.toWire(), tcp));
    }

    private static Message query(String name, int type) throws IOException {
        return Message.newQuery(Record.newRecord(Name.fromString(name + "."), type, DClass.IN));
    }

    private static String only(Message answer) {
        return answer.getSection(Section.ANSWER).getFirst().rdataToString();
    }

    @Test
    void aNameHasTheSameAddressesEachTimeAndOthersDoNot() throws Exception {
        String v4 = only(ask("x.test", Type.A));
        assertThat(v4).matches("198\\.1[89]\\..*");
        assertThat(only(ask("X.TEST", Type.A))).isEqualTo(v4);
        assertThat(only(ask("only4.test", Type.A))).isNotEqualTo(v4);
        assertThat(only(ask("only4.test", Type.AAAA))).startsWith("fd61:6567:6973:0:0:0:c61");
        assertThat(names.nameOf(InetAddress.ofLiteral(v4))).contains("x.test");
    }

    @Test
    void realAddressesStayOutside() throws Exception {
        for (int type : new int[] {Type.A, Type.AAAA, Type.HTTPS, Type.NS, Type.TXT}) {
            assertThat(ask("x.test", type).toString())
                    .doesNotContain("93.184.216.34")
                    .doesNotContain("2606:2800");
        }
    }

    @Test
    void anAnswerEchoesTheQuestionAsItWasWritten() throws Exception {
        Message query = query("X.tEsT", Type.A);
        Message answer = ask(query, false);
        assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
        assertThat(answer.getQuestion().getName().toString()).isEqualTo("X.tEsT.");
        assertThat(answer.getSection(Section.ANSWER).getFirst().getName().toString())
                .isEqualTo("X.tEsT.");
        assertThat(answer.getSection(Section.ANSWER).getFirst().getTTL()).isEqualTo(60);
        assertThat(answer.getHeader().getFlag(Flags.QR)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RA)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RD)).isTrue();
    }

    @Test
    void whatThePolicyRefusesIsAskedOfNobodyAndSaysWhy() throws Exception {
        policy = policy("allow", "x.test");
        Message query = query("c2VjcmV0.tunnel.test", Type.TXT);
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        Message answer = ask(query, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(upstream.asked).isEmpty();
        ExtendedErrorCodeOption why =
                (ExtendedErrorCodeOption) answer.getOPT().getOptions().getFirst();
        assertThat(why.getText())
                .isEqualTo("c2vjcmv0.tunnel.test is not in the policy; allow it with --allow c2vjcmv0.tunnel.test");
        assertThat(log).singleElement().satisfies(line -> {
            assertThat(line.kind()).isEqualTo("dns");
            assertThat(line.name()).isEqualTo("c2vjcmv0.tunnel.test");
            assertThat(line.verdict()).isEqualTo("refused");
            assertThat(line.rule()).isEqualTo("allow");
        });
    }

    @Test
    void namesOfOursNeedNobodyElse() throws Exception {
        policy = policy("public", "instance:db", "host.aegis:80");
        assertThat(ask("db.aegis", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("host.aegis", Type.AAAA).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("other.aegis", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(only(ask("localhost", Type.A))).isEqualTo("127.0.0.1");
        assertThat(only(ask("a.localhost", Type.AAAA))).isEqualTo("0:0:0:0:0:0:0:1");
        assertThat(upstream.asked).isEmpty();
    }

    @Test
    void aProxyMayKnowWhatWeDoNot() throws Exception {
        policy = policy("allow", "inner.corp");
        assertThat(ask("inner.corp", Type.A).getSection(Section.ANSWER)).hasSize(1);
        assertThat(upstream.asked).isEmpty();
        policy = policy("public");
        assertThat(ask("inner.corp", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void anAddressLeadsBackToItsName() throws Exception {
        String v4 = only(ask("x.test", Type.A));
        List<String> parts = Arrays.asList(v4.split("\\.", -1));
        Collections.reverse(parts);
        assertThat(only(ask(String.join(".", parts) + ".in-addr.arpa", Type.PTR)))
                .isEqualTo("x.test.");
        String v6 = ReverseMap.fromAddress(InetAddress.ofLiteral(only(ask("x.test", Type.AAAA))))
                .toString(true);
        assertThat(only(ask(v6, Type.PTR))).isEqualTo("x.test.");
        assertThat(ask("4.3.2.1.in-addr.arpa", Type.PTR).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(upstream.asked).allMatch(asked -> asked.startsWith("x.test "));
    }

    @Test
    void aLongAnswerIsCutForUdpAndWholeForTcp() throws Exception {
        String longName = String.join(".", Collections.nCopies(4, "a".repeat(50))) + ".test";
        upstream.host(longName, "93.184.216.34");
        Message plain = query(longName, Type.TXT);
        assertThat(ask(plain, false).toWire().length).isLessThanOrEqualTo(512);
        assertThat(ask(plain, false).getHeader().getFlag(Flags.TC)).isFalse();
        upstream.texts = 30;
        Message cut = ask(plain, false);
        assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(cut.numBytes()).isLessThanOrEqualTo(512);
        Message larger = query(longName, Type.TXT);
        larger.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
        Message tooLong = ask(larger, false);
        assertThat(tooLong.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(tooLong.getOPT()).isNotNull();
        Message whole = ask(plain, true);
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(whole.getSection(Section.ANSWER)).hasSize(30);
        upstream.texts = 12;
        assertThat(ask(plain, false).getHeader().getFlag(Flags.TC)).isTrue();
        Message fits = ask(larger, false);
        assertThat(fits.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(fits.numBytes()).isBetween(513, 1232);
    }

    @Test
    void tooManyNamesAreNoMoreNames() throws Exception {
        String first = only(ask("x.test", Type.A));
        for (int i = 1; i < SyntheticNames.MOST; i++) {
            names.of("n" + i + ".test");
        }
        Message refused = ask("only4.test", Type.A);
        assertThat(refused.getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(only(ask("x.test", Type.A))).isEqualTo(first);
        assertThat(log.getLast().verdict()).isEqualTo("allowed");
        assertThat(log.get(log.size() - 2).verdict()).isEqualTo("failed");
    }

    @Test
    void noAddressIsGivenTwiceNorToTheGuestItself() {
        Set<InetAddress> seen = new HashSet<>();
        for (int i = 0; i < SyntheticNames.MOST; i++) {
            // All with the same hash code, so that each looks for a place.
            String name =
                    Integer.toBinaryString(i | (1 << 14)).replace("0", "Aa").replace("1", "BB");
            SyntheticNames.Pair pair = names.of(name).orElseThrow();
            assertThat(seen.add(pair.v4()) && seen.add(pair.v6())).isTrue();
            assertThat(SyntheticNames.isSynthetic(pair.v4()) && SyntheticNames.isSynthetic(pair.v6()))
                    .isTrue();
            assertThat(names.nameOf(pair.v6())).contains(name);
        }
        assertThat(names.of("one.more")).isEmpty();
        for (String guests : List.of("198.18.0.0", "198.18.0.1", "198.18.0.2", "198.18.0.3")) {
            assertThat(seen).doesNotContain(InetAddress.ofLiteral(guests));
            assertThat(names.nameOf(InetAddress.ofLiteral(guests))).isEmpty();
        }
    }

    @Test
    void aNameKeepsItsAddressInTheNextBoot() {
        List<String> wanted =
                IntStream.range(0, 100).mapToObj(i -> "host" + i + ".test").toList();
        Map<String, SyntheticNames.Pair> before = new HashMap<>();
        wanted.forEach(name -> before.put(name, names.of(name).orElseThrow()));
        SyntheticNames next = new SyntheticNames();
        long same = wanted.reversed().stream()
                .filter(name -> next.of(name).orElseThrow().equals(before.get(name)))
                .count();
        assertThat(same).isGreaterThan(95);
    }
}
