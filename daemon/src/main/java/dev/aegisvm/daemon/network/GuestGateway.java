package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.Outgoing;
import dev.aegisvm.daemon.instance.PublicPorts.Caller;
import dev.aegisvm.daemon.router.Clients;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.intercept.*;
import dev.aegisvm.gateway.limit.Limits;
import dev.aegisvm.gateway.names.*;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.guest.protocol.GuestRequest.*;
import java.lang.System.Logger.Level;

/** What the guest of one boot asks the gateway for: connections, and names. */
public final class GuestGateway implements Gateway, Outgoing {
    private static final System.Logger LOG = System.getLogger(GuestGateway.class.getName());
    private static final int MOST_CONNECTIONS = 1000;
    private static final int MOST_ASKING = 64;
    /** Each of them has buffers for TLS on both sides. */
    private static final int MOST_INTERCEPTED = 200;

    /** Buffers, threads, the first bytes that are held back, and a socket; the session counts its stream. */
    private static final Cost CONNECTION = new Cost(20 << 10, 1);

    private static final Cost QUERY = new Cost(8 << 10, 0);
    private static final String OVER_BUDGET =
            "this instance has reached its limit of the daemon's memory; close some of its connections";
    private static final int DNS_PORT = 53;
    private static final byte[] NOTHING = {};
    private static final String CUT =
            "root in the guest took the interface aegis0 down: no network until the next start";

    private final World world;
    private final Caller instance;
    private final Consumer<AuditLine> log;
    private final SyntheticNames names = new SyntheticNames();
    private final Resolver resolver;
    private final Dialer dialer;
    private final Excuses excuses = new Excuses();
    private final OutgoingConnection.Owner owner;
    private final AtomicBoolean cut = new AtomicBoolean();
    private final Map<Passage, OutgoingConnection> open = new ConcurrentHashMap<>();

    /** @param log gets what became of each connection, and of each question about a name */
    GuestGateway(
            World world, Caller instance, Placeholders placeholders, Interception.Door door, Consumer<AuditLine> log) {
        this.world = world;
        this.instance = instance;
        this.log = log;
        Limits limits =
                new Limits(MOST_CONNECTIONS, MOST_ASKING, instance.egress().rate());
        this.owner = new OutgoingConnection.Owner(
                instance, limits, new Refusals(), placeholders, door, new Semaphore(MOST_INTERCEPTED));
        Predicate<Destination> byProxy =
                to -> world.proxy().filter(proxy -> proxy.serves(to)).isPresent();
        Gate gate = new Gate(this::policy, names, world.upstream(), this::audit);
        this.resolver = new Resolver(gate, byProxy);
        this.dialer = new Dialer(gate, world.proxy(), instance::connect, limits);
    }

    /** Reads the values of secrets that are bound to hosts, which are looked for in answers from now on. */
    public void learnValues() {
        owner.placeholders().learn();
    }

    private Policy policy() {
        return world.policy(instance.egress());
    }

    private void audit(AuditLine line) {
        if (line.verdict().equals(AuditLine.REFUSED)) {
            owner.refusals()
                    .add(String.valueOf(line.reason()), destination(line).filter(to -> !isAllowed(to)));
        } else if (line.verdict().equals(AuditLine.FAILED)
                && line.kind().equals(AuditLine.DNS)
                && !String.valueOf(line.name()).startsWith("_")) {
            // Services (_http._tcp) are asked for beside others, and hardly ever there.
            owner.refusals().failed(line.reason() + "; the policy allows it");
        }
        log.accept(line);
    }

    private static Optional<Destination> destination(AuditLine line) {
        int port = Objects.requireNonNullElse(line.port(), Destination.SOME_PORT);
        String name = line.name();
        Optional<InetAddress> address = Optional.ofNullable(line.address()).flatMap(Addresses::parse);
        return name == null
                ? address.map(known -> new Destination.Numeric(known, port))
                : address.<Destination>map(known -> new Destination.Resolved(name, known, port))
                        .or(() -> Destination.ofName(name, port));
    }

    private boolean isAllowed(Destination destination) {
        return policy().decide(destination).allowed();
    }

    @Override
    public List<String> refused() {
        return owner.refusals().refused(this::isAllowed);
    }

    @Override
    public void onDial(Dial dial) {
        begin("dial", () -> refuseUnlessAnswered(dial), () -> {
            try (Connections.Client use = instance.connections().dialled()) {
                if (!use.holds(CONNECTION)) {
                    overBudget(dial);
                } else if (dial.port() == DNS_PORT) {
                    nameServer(dial, use);
                } else {
                    dial(dial, use);
                }
            }
        });
    }

    private void overBudget(Dial dial) {
        audit(line(AuditLine.TCP, AuditLine.REFUSED, AuditLine.LIMIT, OVER_BUDGET)
                .address(dial.address())
                .port(dial.port())
                .build());
        dial.refuse();
    }

    static AuditLineBuilder line(String kind, String verdict, String rule, String reason) {
        return Gate.line(kind, verdict).rule(rule).reason(reason);
    }

    private void nameServer(Dial dial, Connections.Client use) throws IOException, InterruptedException {
        if (!owner.limits().takeConnection()) {
            dial.refuse();
            return;
        }
        try {
            answerNames(accept(dial, use));
        } finally {
            owner.limits().giveConnection();
        }
    }

    private static void refuseUnlessAnswered(Dial dial) {
        try {
            dial.refuse();
        } catch (IllegalStateException answered) {
            LOG.log(Level.DEBUG, "a connection ended with an error");
        }
    }

    @Override
    public void onResolve(Query query) {
        Optional<ForeignBudget.Hold> hold = instance.connections().share().hold(QUERY);
        if (hold.isEmpty()) {
            query.answer(NOTHING);
            return;
        }
        begin("resolve", () -> query.answer(NOTHING), () -> {
            try (var _ = hold.get()) {
                query.answer(answer(query.message(), false));
            }
        });
    }

    @Override
    public void onCut() {
        if (!cut.getAndSet(true)) {
            AuditLine line = line(AuditLine.LINK, AuditLine.REFUSED, AuditLine.GUEST, CUT)
                    .name("aegis0")
                    .build();
            begin("cut", () -> {}, () -> audit(line));
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** @param failed answers in place of work that is broken, unless that has answered */
    private void begin(String what, Runnable failed, Work work) {
        Runnable all = () -> {
            try {
                work.run();
            } catch (IOException ended) {
                LOG.log(Level.DEBUG, instance.name() + ": " + what + ": " + ended.getMessage());
                failed.run();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        };
        Task.start(what, all, bug -> failed.run());
    }

    private byte[] answer(byte[] question, boolean tcp) throws IOException, InterruptedException {
        return owner.limits().inTurn(() -> resolver.answer(question, tcp)).orElse(NOTHING);
    }

    private void dial(Dial dial, Connections.Client use) throws IOException, InterruptedException {
        try (Passage passage = dialer.dial(dial.address(), dial.port());
                GuestStream guest = accept(dial, use)) {
            passage.channel().setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (owner.limits().open() > Clients.WITH_LARGE_BUFFERS) {
                Clients.boundBuffers(passage.channel());
            }
            OutgoingConnection connection = new OutgoingConnection(owner, use, passage, guest);
            open.put(passage, connection);
            try {
                connection.run();
            } finally {
                open.remove(passage);
            }
        } catch (Refusal why) {
            excuses.refuse(dial, why);
        }
    }

    private GuestStream accept(Dial dial, Connections.Client use) throws IOException {
        instance.wake("a connection that its guest opens is ready");
        GuestStream guest = dial.accept();
        use.connected();
        return guest;
    }

    /** Questions about names by TCP, each with its length in two bytes before it. */
    private void answerNames(GuestStream guest) throws IOException, InterruptedException {
        try (guest) {
            DataInputStream in = new DataInputStream(guest.in());
            for (int first = in.read(); first >= 0; first = in.read()) {
                int length = (first << 8) | in.readUnsignedByte();
                if (length > Query.MAX_MESSAGE) {
                    throw new IOException("a DNS query has " + length + " bytes");
                }
                byte[] question = new byte[length];
                in.readFully(question);
                byte[] answer = answer(question, true);
                ByteBuffer out = ByteBuffer.allocate(2 + answer.length);
                guest.out()
                        .write(out.putShort((short) answer.length).put(answer).array());
            }
            guest.finish();
        }
    }

    @Override
    public Memory memory() {
        return instance.connections().share();
    }

    @Override
    public List<String> names() {
        return names.known();
    }

    /** The guest is a copy of one that knew these. */
    public void remember(List<String> known) {
        known.forEach(names::of);
    }

    @Override
    public int open() {
        return open.size();
    }

    @Override
    public Refusals refusals() {
        return owner.refusals();
    }

    @Override
    public void endRefused() {
        open.forEach((passage, connection) -> {
            Verdict verdict = policy().decide(passage.destination());
            if (!verdict.allowed()) {
                connection.end(new Refusal(verdict.sentence()));
            }
        });
    }
}
