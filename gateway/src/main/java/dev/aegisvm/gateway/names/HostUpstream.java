package dev.aegisvm.gateway.names;

import module java.base;
import dev.aegisvm.gateway.policy.Addresses;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.*;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.hosts.HostsFileParser;
import org.xbill.DNS.lookup.*;

/**
 * The host's own resolver: its hosts file, then the name servers of its {@code resolv.conf}, by UDP, and by TCP where
 * an answer is long. Reads the latter again when it has changed. Search domains are not applied: a guest's names are
 * whole.
 */
public final class HostUpstream implements Upstream {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Pattern SERVER = Pattern.compile("nameserver\\s+(\\S+)\\s*");
    private static final int MOST_SERVERS = 3;
    private static final int MOST_CACHED = 2000;
    private static final Duration RECENT = Duration.ofSeconds(1);
    private static final int LONGEST_CACHED_S = 60;
    private static final int LONGEST_CACHED_ABSENCE_S = 5;

    /** What was found of a name a moment ago: a guest asks for both families, and then connects. */
    private record Recent(CompletableFuture<Found> found, long nanos) {
        boolean isFresh() {
            return System.nanoTime() - nanos < RECENT.toNanos();
        }
    }

    /** @param recent by name, the oldest first */
    private record Session(FileTime of, LookupSession lookups, SequencedMap<String, Recent> recent) {}

    private final Path servers;
    private final Path hosts;
    private final int port;
    private volatile @Nullable Session latest;

    /** By files as resolv.conf(5) and hosts(5) describe them, and name servers with this port. */
    HostUpstream(Path servers, Path hosts, int port) {
        this.servers = servers;
        this.hosts = hosts;
        this.port = port;
    }

    public static HostUpstream ofThisHost() {
        return new HostUpstream(Path.of("/etc/resolv.conf"), Path.of("/etc/hosts"), SimpleResolver.DEFAULT_PORT);
    }

    @Override
    public CompletableFuture<Answer> ask(Name name, int type) {
        LookupSession lookups;
        try {
            lookups = session().lookups();
        } catch (IOException unreadable) {
            return CompletableFuture.completedFuture(new Answer(Rcode.SERVFAIL, List.of()));
        }
        return lookups.lookupAsync(name, type)
                .toCompletableFuture()
                .handle((result, failure) -> failure == null ? found(result, type) : failed(failure));
    }

    @Override
    public CompletableFuture<Found> find(String host) {
        try {
            SequencedMap<String, Recent> recent = session().recent();
            synchronized (recent) {
                while (!recent.isEmpty() && !recent.firstEntry().getValue().isFresh()) {
                    recent.pollFirstEntry();
                }
                return recent.computeIfAbsent(host, name -> new Recent(Upstream.super.find(name), System.nanoTime()))
                        .found();
            }
        } catch (IOException unreadable) {
            return CompletableFuture.completedFuture(new Found(Rcode.SERVFAIL, List.of()));
        }
    }

    private static Answer found(LookupResult result, int type) {
        List<Record> records = result.getRecords().stream()
                .filter(record -> record.getType() == type)
                .toList();
        return new Answer(Rcode.NOERROR, records);
    }

    private static Answer failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        int rcode = switch (cause) {
            case NoSuchDomainException _ -> Rcode.NXDOMAIN;
            case NoSuchRRSetException _ -> Rcode.NOERROR;
            case null, default -> Rcode.SERVFAIL;
        };
        return new Answer(rcode, List.of());
    }

    private Session session() throws IOException {
        FileTime changed = Files.getLastModifiedTime(servers);
        Session session = latest;
        if (session == null || !session.of().equals(changed)) {
            session = new Session(changed, open(), new LinkedHashMap<>());
            latest = session;
        }
        return session;
    }

    private LookupSession open() throws IOException {
        Cache cache = new Cache(DClass.IN);
        cache.setMaxEntries(MOST_CACHED);
        cache.setMaxCache(LONGEST_CACHED_S);
        cache.setMaxNCache(LONGEST_CACHED_ABSENCE_S);
        return LookupSession.builder()
                .resolver(resolver())
                .cache(cache)
                .hostsFileParser(new HostsFileParser(hosts))
                .executor(task -> Thread.ofVirtual().name("lookup").start(task))
                .build();
    }

    private Resolver resolver() throws IOException {
        List<Resolver> resolvers = new ArrayList<>();
        for (InetAddress server : servers()) {
            SimpleResolver resolver = new SimpleResolver(new InetSocketAddress(server, port));
            resolver.setTimeout(PATIENCE);
            resolvers.add(resolver);
        }
        ExtendedResolver all = new ExtendedResolver(resolvers);
        all.setRetries(1);
        all.setTimeout(PATIENCE.multipliedBy(resolvers.size()));
        return all;
    }

    /** As libc takes them: the first three, and the host itself where none is named. */
    private List<InetAddress> servers() throws IOException {
        List<InetAddress> addresses = Files.readAllLines(servers, StandardCharsets.ISO_8859_1).stream()
                .map(line -> SERVER.matcher(line.strip()))
                .filter(Matcher::matches)
                .flatMap(server -> Addresses.parse(server.group(1)).stream())
                .limit(MOST_SERVERS)
                .toList();
        return addresses.isEmpty() ? List.of(InetAddress.ofLiteral("127.0.0.1")) : addresses;
    }
}
