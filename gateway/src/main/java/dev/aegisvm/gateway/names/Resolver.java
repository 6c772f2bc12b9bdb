package dev.aegisvm.gateway.names;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.policy.*;
import org.xbill.DNS.*;
import org.xbill.DNS.Record;

/**
 * Answers what a guest asks about names. A name that exists has synthetic addresses, of both families whatever it has
 * in the world; a name that the policy refuses does not exist, and no other resolver is asked about it, so that
 * questions carry nothing out.
 */
public final class Resolver {
    private static final int TTL = 60;
    private static final int LONGEST_QUERY = 4096;
    private static final int LONGEST_DATAGRAM = 1232;
    private static final int LEAST_DATAGRAM = 512;
    private static final int LONGEST_NOTE = 200;
    /** From here on, types are of questions alone, such as ANY and transfers of zones. */
    private static final int FIRST_META_TYPE = 249;

    private static final int LAST_META_TYPE = 255;

    private static final byte[] NOTHING = {};
    /** Types that a guest gets as the world has them. */
    private static final Set<Integer> PASSED = Set.of(Type.SRV, Type.TXT, Type.MX);

    /** What services are called below a host's name, as in _ldap._tcp.example.org. */
    private static final Pattern SERVICE = Pattern.compile("(?:_[^.]*\\.)+");

    private final Gate gate;
    private final Predicate<Destination> byProxy;

    /** @param byProxy whether a name is reached through a proxy, which may know names that we cannot resolve */
    public Resolver(Gate gate, Predicate<Destination> byProxy) {
        this.gate = gate;
        this.byProxy = byProxy;
    }

    private record Reply(int rcode, List<Record> records, String note) {
        Reply(int rcode) {
            this(rcode, List.of(), "");
        }
    }

    private record Question(Name asked, int type, String name, Destination destination, Verdict verdict) {}

    /**
     * The answer to a DNS message, which by TCP may be long; empty where there must be none, since what came is no
     * question. Waits for those whom we ask.
     */
    public byte[] answer(byte[] query, boolean tcp) {
        if (query.length < Header.LENGTH || (query[2] & 0x80) != 0) {
            return NOTHING;
        }
        try {
            if (query.length > LONGEST_QUERY) {
                return malformed(query);
            }
            Message message = new Message(query);
            return message(message, reply(message)).toWire(limit(message, tcp));
        } catch (IOException mistake) {
            return malformed(query);
        }
    }

    private static byte[] malformed(byte[] query) {
        Message answer = new Message(((query[0] & 0xff) << 8) | (query[1] & 0xff));
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setRcode(Rcode.FORMERR);
        return answer.toWire();
    }

    private static int limit(Message query, boolean tcp) {
        OPTRecord options = query.getOPT();
        int wanted = options == null ? LEAST_DATAGRAM : options.getPayloadSize();
        return tcp ? Message.MAXLENGTH : Math.clamp(wanted, LEAST_DATAGRAM, LONGEST_DATAGRAM);
    }

    private static Message message(Message query, Reply reply) {
        Message answer = new Message(query.getHeader().getID());
        Header header = answer.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        header.setOpcode(query.getHeader().getOpcode());
        header.setRcode(reply.rcode() & 0xf);
        if (query.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        query.getSection(Section.QUESTION).stream()
                .limit(1)
                .forEach(question -> answer.addRecord(question, Section.QUESTION));
        reply.records().forEach(record -> answer.addRecord(record, Section.ANSWER));
        if (query.getOPT() != null) {
            answer.addRecord(options(reply), Section.ADDITIONAL);
        }
        return answer;
    }

    /** Says why, to those who look (RFC 8914). */
    private static OPTRecord options(Reply reply) {
        String note = reply.note().substring(0, Math.min(reply.note().length(), LONGEST_NOTE));
        List<EDNSOption> why = note.isEmpty()
                ? List.of()
                : List.of(new ExtendedErrorCodeOption(ExtendedErrorCodeOption.PROHIBITED, note));
        return new OPTRecord(LONGEST_DATAGRAM, reply.rcode() >> 4, 0, 0, why);
    }

    private Reply reply(Message query) {
        OPTRecord options = query.getOPT();
        if (query.getHeader().getOpcode() != Opcode.QUERY) {
            return new Reply(Rcode.NOTIMP);
        }
        boolean single = query.getSection(Section.QUESTION).size() == 1
                && query.getSection(Section.ANSWER).isEmpty()
                && query.getSection(Section.AUTHORITY).isEmpty();
        if (!single) {
            return new Reply(Rcode.FORMERR);
        }
        if (options != null && options.getVersion() > 0) {
            return new Reply(Rcode.BADVERS);
        }
        Record question = query.getQuestion();
        int type = question.getType();
        if (question.getDClass() != DClass.IN || (type >= FIRST_META_TYPE && type <= LAST_META_TYPE)) {
            return new Reply(Rcode.REFUSED);
        }
        return type == Type.PTR ? reverse(question.getName()) : forward(question.getName(), type);
    }

    /** Of our own addresses alone: what others are called is nothing that a guest needs. */
    private Reply reverse(Name asked) {
        try {
            return gate.names()
                    .nameOf(ReverseMap.fromName(asked))
                    .map(name -> reply(new PTRRecord(asked, DClass.IN, TTL, Name.fromConstantString(name + "."))))
                    .orElseGet(() -> new Reply(Rcode.NXDOMAIN));
        } catch (UnknownHostException noAddress) {
            return new Reply(Rcode.NXDOMAIN);
        }
    }

    private static Reply reply(Record record) {
        return new Reply(Rcode.NOERROR, List.of(record), "");
    }

    private Reply forward(Name asked, int type) {
        Optional<String> name = HostName.normal(asked.toString());
        Optional<Destination> destination =
                name.flatMap(known -> Destination.ofName(judged(known, type), Destination.SOME_PORT));
        if (destination.isEmpty()) {
            return new Reply(Rcode.NXDOMAIN);
        }
        if (("." + name.get()).endsWith(".localhost")) {
            return localhost(asked, type);
        }
        Policy inForce = gate.policy().get();
        // A rule may deny a service alone, or all names below its host.
        Destination whole = new Destination.Named(name.get(), Destination.SOME_PORT);
        Verdict verdict = inForce.decide(inForce.denying(whole).isPresent() ? whole : destination.get());
        Instant begin = Instant.now();
        Reply reply = verdict.allowed()
                ? allowed(new Question(asked, type, name.get(), destination.get(), verdict))
                : new Reply(Rcode.NXDOMAIN, List.of(), verdict.sentence());
        audit(name.get(), begin, verdict, reply);
        return reply;
    }

    /** Records of a host's services are the host's. */
    private static String judged(String name, int type) {
        Matcher service = SERVICE.matcher(name);
        return PASSED.contains(type) && service.lookingAt() ? name.substring(service.end()) : name;
    }

    private static Reply localhost(Name asked, int type) {
        return switch (type) {
            case Type.A -> reply(new ARecord(asked, DClass.IN, TTL, InetAddress.ofLiteral("127.0.0.1")));
            case Type.AAAA -> reply(new AAAARecord(asked, DClass.IN, TTL, InetAddress.ofLiteral("::1")));
            default -> new Reply(Rcode.NOERROR);
        };
    }

    private Reply allowed(Question question) {
        boolean ofTheWorld = question.destination() instanceof Destination.Named;
        if (ofTheWorld && PASSED.contains(question.type())) {
            return passed(question);
        }
        boolean ofAddress = question.type() == Type.A || question.type() == Type.AAAA;
        return ofAddress ? address(question) : new Reply(existence(question).rcode());
    }

    /** As the world has it, under the name that was asked. */
    private Reply passed(Question question) {
        Upstream.Answer answer =
                gate.upstream().ask(question.asked(), question.type()).join();
        List<Record> records = answer.records().stream()
                .map(record -> Record.newRecord(
                        question.asked(),
                        record.getType(),
                        DClass.IN,
                        Math.min(record.getTTL(), TTL),
                        record.rdataToWireCanonical()))
                .toList();
        return new Reply(answer.rcode(), records, "");
    }

    private Reply address(Question question) {
        Upstream.Found found = existence(question);
        if (found.addresses().isEmpty()) {
            return new Reply(found.rcode());
        }
        return gate.names()
                .of(question.name())
                .map(pair -> reply(
                        question.type() == Type.A
                                ? new ARecord(question.asked(), DClass.IN, TTL, pair.v4())
                                : new AAAARecord(question.asked(), DClass.IN, TTL, pair.v6())))
                .orElseGet(() ->
                        new Reply(Rcode.SERVFAIL, List.of(), "limit of " + SyntheticNames.MOST + " DNS names reached"));
    }

    /** The addresses stay here; that there are any is what counts. */
    private Upstream.Found existence(Question question) {
        boolean certain = !(question.destination() instanceof Destination.Named)
                || (question.verdict().byName() && byProxy.test(question.destination()));
        return certain
                ? new Upstream.Found(Rcode.NOERROR, List.of(InetAddress.getLoopbackAddress()))
                : gate.upstream().find(question.name()).join();
    }

    private void audit(String name, Instant begin, Verdict verdict, Reply reply) {
        AuditLineBuilder line = Gate.line(AuditLine.DNS, AuditLine.ALLOWED)
                .time(begin)
                .name(name)
                .rule(verdict.rule())
                .durationMs(Duration.between(begin, Instant.now()).toMillis());
        if (!verdict.allowed()) {
            line.verdict(AuditLine.REFUSED).reason(verdict.sentence());
        } else if (reply.rcode() != Rcode.NOERROR) {
            line.verdict(AuditLine.FAILED)
                    .reason(name + " does not resolve on the host (" + Rcode.string(reply.rcode()) + ")");
        }
        gate.audit().accept(line.build());
    }
}
