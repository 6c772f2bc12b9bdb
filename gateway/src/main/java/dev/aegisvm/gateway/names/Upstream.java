package dev.aegisvm.gateway.names;

import module java.base;
import org.xbill.DNS.*;
import org.xbill.DNS.Record;

/** Whom we ask about names of the world. */
public interface Upstream {
    /**
     * What is known of a name.
     *
     * @param rcode {@link Rcode#NOERROR}, {@link Rcode#NXDOMAIN} where there is no such name, else {@link
     *     Rcode#SERVFAIL}
     * @param records of the wanted type; none where the name has none
     */
    record Answer(int rcode, List<Record> records) {}

    /** The addresses of a name; {@code rcode} is as of an {@link Answer}. */
    record Found(int rcode, List<InetAddress> addresses) {}

    /** Completes in bounded time, and never exceptionally. */
    CompletableFuture<Answer> ask(Name name, int type);

    /** The addresses of both families, IPv4 first; as {@link #ask}. A name exists if it has an address of either. */
    default CompletableFuture<Found> find(String host) {
        Name name = Name.fromConstantString(host + ".");
        return ask(name, Type.A).thenCombine(ask(name, Type.AAAA), Upstream::found);
    }

    private static Found found(Answer v4, Answer v6) {
        List<InetAddress> addresses = Stream.of(v4, v6)
                .flatMap(answer -> answer.records().stream())
                .flatMap(record -> address(record).stream())
                .toList();
        Set<Integer> rcodes = Set.copyOf(List.of(v4.rcode(), v6.rcode()));
        int worst = rcodes.contains(Rcode.SERVFAIL)
                ? Rcode.SERVFAIL
                : rcodes.contains(Rcode.NOERROR) ? Rcode.NOERROR : Rcode.NXDOMAIN;
        return new Found(addresses.isEmpty() ? worst : Rcode.NOERROR, addresses);
    }

    private static Optional<InetAddress> address(Record record) {
        return switch (record) {
            case ARecord v4 -> Optional.of(v4.getAddress());
            case AAAARecord v6 -> Optional.of(v6.getAddress());
            default -> Optional.empty();
        };
    }
}
