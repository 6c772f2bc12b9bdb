package dev.aegisvm.gateway.names;

import module java.base;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** A world of names, as a test has put it together; remembers what it was asked. Whoever is not in it does not exist. */
public final class ScriptedUpstream implements Upstream {
    private final Map<String, List<InetAddress>> hosts = new ConcurrentHashMap<>();
    public final List<String> asked = new CopyOnWriteArrayList<>();
    /** How many texts each name has. */
    public int texts = 1;

    /** Also the names of every outcome: only4.test, only6.test, empty.test, broken.test. */
    public ScriptedUpstream() {
        host("x.test", "93.184.216.34", "2606:2800:21f::1");
        host("only4.test", "93.184.216.34");
        host("only6.test", "2606:2800:21f::1");
        host("empty.test");
    }

    public ScriptedUpstream host(String name, String... addresses) {
        hosts.put(name, Stream.of(addresses).map(InetAddress::ofLiteral).toList());
        return this;
    }

    @Override
    public CompletableFuture<Answer> ask(Name name, int type) {
        String host = name.toString(true).toLowerCase(Locale.ROOT);
        asked.add(host + " " + Type.string(type));
        List<InetAddress> addresses = hosts.get(host.replaceFirst("^(_[^.]*\\.)+", ""));
        if (addresses == null) {
            int rcode = host.equals("broken.test") ? Rcode.SERVFAIL : Rcode.NXDOMAIN;
            return CompletableFuture.completedFuture(new Answer(rcode, List.of()));
        }
        List<Record> records = addresses.stream()
                .flatMap(address -> record(name, type, address).stream())
                .toList();
        return CompletableFuture.completedFuture(new Answer(Rcode.NOERROR, type == Type.TXT ? texts(name) : records));
    }

    private List<Record> texts(Name name) {
        return IntStream.range(0, texts)
                .<Record>mapToObj(
                        i -> new TXTRecord(name, DClass.IN, 3600, "text " + i + " is long enough to be counted"))
                .toList();
    }

    private static Optional<Record> record(Name name, int type, InetAddress address) {
        return switch (address) {
            case Inet4Address _ when type == Type.A -> Optional.of(new ARecord(name, DClass.IN, 3600, address));
            case Inet6Address _ when type == Type.AAAA -> Optional.of(new AAAARecord(name, DClass.IN, 3600, address));
            default -> Optional.empty();
        };
    }
}
