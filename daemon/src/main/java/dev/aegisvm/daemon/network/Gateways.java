package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.daemon.instance.Caller;
import dev.aegisvm.daemon.instance.Egress;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.gateway.audit.AuditLine;
import dev.aegisvm.gateway.intercept.*;
import dev.aegisvm.gateway.policy.*;

/** How guests reach the world: each connection is dialled here, after a decision. What the gateways of all instances share. */
public final class Gateways implements Closeable {
    private final Counters counters;
    private final World world;
    private final Interception.Door door;
    private final NetworkLogs logs;

    /**
     * Of one daemon.
     *
     * @param door by which secrets are put into requests
     * @param directory of an instance, by its id, for its network log
     */
    public Gateways(World world, Interception.Door door, Function<String, Path> directory, Counters counters) {
        this.world = world;
        this.door = door;
        this.logs = new NetworkLogs(directory);
        this.counters = counters;
    }

    /** Of one boot of an instance. */
    public GuestGateway open(InstanceSpec spec, Caller instance) {
        Placeholders placeholders = new Placeholders(spec.secrets().bound());
        return new GuestGateway(
                world, instance, placeholders, door, logs.of(spec.id()).andThen(this::count));
    }

    /** Whom guests that use secrets are to trust. */
    public CertificateAuthority authority() {
        return door.authority();
    }

    private void count(AuditLine line) {
        counters.add(Count.GATEWAY, 1, "kind", line.kind(), "verdict", line.verdict());
    }

    /** What would become of a connection. Nothing is sent, and no name is looked up. */
    public VerdictView test(Egress egress, NetworkTarget target) {
        Destination destination = Target.read(Objects.requireNonNullElse(target.target(), ""));
        Verdict verdict = world.policy(egress).decide(destination);
        return new VerdictView(destination.text(), verdict.allowed(), verdict.rule(), verdict.sentence());
    }

    public NetworkLogs logs() {
        return logs;
    }

    @Override
    public void close() {
        logs.close();
    }

    /** A destination as users write it: a URL, {@code HOST:PORT} or {@code HOST}. */
    private static final class Target {
        private static final Pattern URL = Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/@]*@)?([^/?#]+).*");
        private static final Pattern HOST_AND_PORT = Pattern.compile("(?:\\[([^]]+)]|([^:]+))(?::(\\d{1,5}))?");
        private static final Map<String, Integer> PORTS = Map.of("http", 80, "ws", 80, "ssh", 22, "git", 9418);
        private static final int USUAL_PORT = 443;
        private static final int LAST_PORT = 65_535;

        static Destination read(String text) {
            Matcher url = URL.matcher(text);
            Matcher parts = HOST_AND_PORT.matcher(url.matches() ? url.group(2) : "");
            if (!parts.matches()) {
                throw wrong(text);
            }
            String scheme = url.group(1) == null ? "" : url.group(1).toLowerCase(Locale.ROOT);
            int port =
                    parts.group(3) == null ? PORTS.getOrDefault(scheme, USUAL_PORT) : Integer.parseInt(parts.group(3));
            String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
            Optional<Destination> address = Addresses.parse(host).map(known -> new Destination.Numeric(known, port));
            return address.or(() -> HostName.normal(host).flatMap(name -> Destination.ofName(name, port)))
                    .filter(known -> port >= 1 && port <= LAST_PORT)
                    .orElseThrow(() -> wrong(text));
        }

        private static RuntimeException wrong(String text) {
            return ErrorCode.BAD_REQUEST.refusal(
                    "'" + text + "' is no place to connect to",
                    "write https://api.example.com/, api.example.com:443 or 10.1.2.3:5432");
        }
    }
}
