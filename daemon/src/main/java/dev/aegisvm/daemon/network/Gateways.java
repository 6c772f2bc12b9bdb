package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.gateway.intercept.*;
import dev.aegisvm.gateway.policy.*;

/** How the guests of all instances reach the world: each connection is dialled here, after a decision. */
public final class Gateways implements Closeable {
    private static final String LOG = "network.ndjson";
    private static final Retention KEPT = new Retention(4 << 20, 2);

    private final World world;
    private final Interception.Door door;
    private final LogStore logs;
    private final Counters counters;

    /** The {@code directory} of an instance, by its id, goes with the instance, and so does the network log in it. */
    public Gateways(World world, Interception.Door door, Function<String, Path> directory, Counters counters) {
        this.world = world;
        this.door = door;
        this.logs = new LogStore(id -> directory.apply(id).resolve(LOG), KEPT, Gateways::notice);
        this.counters = counters;
    }

    public Interception.Door door() {
        return door;
    }

    /** What became of what guests asked for: of each an {@link AuditLine}. */
    public LogStore logs() {
        return logs;
    }

    private static byte[] notice(String id, String sentence) {
        return ApiJson.write(GuestGateway.line(AuditLine.TCP, AuditLine.FAILED, AuditLine.LIMIT, sentence)
                .build());
    }

    /** Of one boot of an instance; {@code hide} hides values of secrets in its log. */
    public GuestGateway open(InstanceSpec spec, PublicPorts.Caller instance, Consumer<Set<String>> hide) {
        Placeholders placeholders = new Placeholders(spec.secrets().bound(), door.values(), hide);
        NetworkLog log = new NetworkLog(logs.of(spec.id()), InstantSource.system());
        Consumer<AuditLine> counted =
                log.andThen(line -> counters.add(Count.GATEWAY, 1, "kind", line.kind(), "verdict", line.verdict()));
        return new GuestGateway(world, instance, placeholders, door, counted);
    }

    /**
     * What would become of a connection. Nothing is sent, and only a name that may be reached is looked up.
     *
     * @param accepting refuses what another instance, by its name, does not accept at one of its ports
     */
    public VerdictView test(Egress egress, NetworkTarget target, BiConsumer<String, Integer> accepting) {
        Destination destination = Target.read(Objects.requireNonNullElse(target.target(), ""));
        Policy policy = world.policy(egress);
        Verdict verdict = policy.decide(destination);
        if (verdict.allowed() && destination instanceof Destination.Named named) {
            return resolved(policy, named, verdict);
        }
        String reason = verdict.sentence();
        boolean allowed = verdict.allowed();
        if (allowed && destination instanceof Destination.Sibling(String name, int port)) {
            try {
                accepting.accept(name, port);
            } catch (ApiException refusal) {
                reason += ", but " + refusal.error().error();
                allowed = false;
            }
        }
        return new VerdictView(destination.text(), allowed, verdict.rule(), reason);
    }

    private VerdictView resolved(Policy policy, Destination.Named named, Verdict verdict) {
        List<Destination.Resolved> all = world.upstream().find(named.name()).join().addresses().stream()
                .map(named::at)
                .toList();
        String passing = all.stream()
                .filter(each -> policy.decide(each).allowed())
                .map(each -> Addresses.text(each.address()))
                .collect(Collectors.joining(", "));
        if (passing.isEmpty() && !all.isEmpty()) {
            Verdict refused = policy.decide(all.getFirst());
            return new VerdictView(named.text(), false, refused.rule(), refused.sentence());
        }
        String where = all.isEmpty() ? ", but this host cannot resolve it" : ", at " + passing;
        return new VerdictView(named.text(), true, verdict.rule(), verdict.sentence() + where);
    }

    /** The fewest options that allow all that an instance's log says it asked for. */
    public List<String> suggest(String id) {
        List<AuditLine> lines = LogTail.last(logs.of(id), LogQuery.MAX_TAIL).stream()
                .map(json -> ApiJson.answer(AuditLine.class, json))
                .toList();
        return Suggestion.flags(lines, world.presets(), world.nearby());
    }

    /** Changes the rules of an instance; new connections follow them at once. Refuses rules that make no sense. */
    public void change(InstanceActor actor, ChangeNetwork change) {
        // One after the other: each has to know the rules that it adds to.
        synchronized (actor) {
            Egress had = actor.spec().network();
            if (had.isOpen()) {
                throw ErrorCode.WRONG_STATE.refusal(
                        "the network of " + actor.name() + " is 'open', which has no rules",
                        "stop it, and start it with --network public or --allow RULE");
            }
            Egress changed = new EgressCheck(world.presets(), world.nearby()).changed(change, had);
            actor.ask(new InstanceEvent.Change(spec -> spec.withNetwork(changed), "its network's rules were changed"));
        }
        LiveVm vm = actor.snapshot().state().vm();
        if (vm != null && Boolean.TRUE.equals(change.now())) {
            vm.outgoing().endRefused();
        }
    }

    @Override
    public void close() {
        logs.close();
    }

    /** Writes down what became of what a guest asked for; of very many lines some are lost, and counted. */
    static final class NetworkLog implements Consumer<AuditLine> {
        private static final int LINES_A_SECOND = 200;

        private final InstanceLog log;
        private final InstantSource clock;
        private long second;
        private int inThisSecond;
        private long missed;

        NetworkLog(InstanceLog log, InstantSource clock) {
            this.log = log;
            this.clock = clock;
        }

        @Override
        public synchronized void accept(AuditLine line) {
            long now = clock.instant().getEpochSecond();
            inThisSecond = now == second ? inThisSecond + 1 : 1;
            second = now;
            if (inThisSecond > LINES_A_SECOND) {
                missed++;
                return;
            }
            AuditLine counted = missed == 0
                    ? line
                    : AuditLineBuilder.builder(line).missed(missed).build();
            missed = 0;
            log.append(List.of(ApiJson.write(counted)));
        }
    }

    /** A destination as users write it: a URL, {@code HOST:PORT} or {@code HOST}. */
    private static final class Target {
        private static final Pattern SHAPE = Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/@]*@)?"
                + "(?:\\[([^]/?#]+)]|([^:/?#]+))(?::(\\d{1,5}))?(?:[/?#].*)?");
        private static final Map<String, Integer> PORTS = Map.of("http", 80, "ws", 80, "ssh", 22, "git", 9418);
        private static final int USUAL_PORT = 443;

        static Destination read(String text) {
            // As a rule names another instance.
            Matcher parts = SHAPE.matcher(text.replaceFirst("^instance:([^:/]+)(?=:|$)", "$1.aegis"));
            if (!parts.matches() || text.startsWith("@")) {
                throw wrong(text);
            }
            String scheme = Objects.requireNonNullElse(parts.group(1), "").toLowerCase(Locale.ROOT);
            int usual = PORTS.getOrDefault(scheme, USUAL_PORT);
            int port = parts.group(4) == null ? usual : Integer.parseInt(parts.group(4));
            String host = Objects.requireNonNullElse(parts.group(2), parts.group(3));
            Optional<Destination> address = Addresses.parse(host).map(known -> new Destination.Numeric(known, port));
            return address.or(() -> HostName.normal(host).flatMap(name -> Destination.ofName(name, port)))
                    .filter(_ -> PortMapping.isPort(port))
                    .orElseThrow(() -> wrong(text));
        }

        private static RuntimeException wrong(String text) {
            return ErrorCode.BAD_REQUEST.refusal(
                    "'" + text + "' is not a destination",
                    "write https://api.example.com/, api.example.com:443, 10.1.2.3:5432 or instance:db:5432; to test *.example.com"
                            + " or @PRESET, write one of its hosts");
        }
    }
}
