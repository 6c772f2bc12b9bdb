package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import org.jspecify.annotations.Nullable;

/** Exposes ports of instances in any state, and removes them again. Ports that are not named stay. */
public final class Exposing {
    private static final int MOST = 64;

    private final Instances instances;

    public Exposing(Instances instances) {
        this.instances = instances;
    }

    /** Exposes a port; one that is exposed already stays so. Throws when it is taken, or there are too many. */
    public InstanceView expose(InstanceRef ref, PortMapping mapping) {
        instances.refuseWhenClosed();
        ExposedPort wish = wanted(List.of(mapping)).getFirst();
        return change(ref, instances.find(ref), "port " + wish.guestPort() + " was exposed", has -> {
            if (has.stream().anyMatch(port -> isDone(wish, port))) {
                return has;
            }
            checkCount(has.size() + 1);
            return Stream.concat(has.stream(), Stream.of(wish)).toList();
        });
    }

    /** Gives up the ports of the host that lead to {@code GUEST}, or {@code PUBLIC:GUEST}; their connections end. */
    public InstanceView unexpose(InstanceRef ref, String port) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        ExposedPort given = wanted(List.of(PortMapping.read(port)
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                "a port must be GUEST or PUBLIC:GUEST, such as 80 or 8080:80"))))
                .getFirst();
        return change(ref, actor, "port " + given.guestPort() + " is not exposed any more", has -> {
            List<ExposedPort> staying =
                    has.stream().filter(each -> !isDone(given, each)).toList();
            if (staying.equals(has)) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "port " + port + " of " + actor.name() + " is not exposed",
                        "'aegis port " + actor.spec().hostname() + "' lists its ports");
            }
            return staying;
        });
    }

    private static boolean isDone(ExposedPort wish, ExposedPort port) {
        return port.guestPort() == wish.guestPort()
                && (wish.publicPort() == ExposedPort.ANY || wish.publicPort() == port.publicPort());
    }

    private InstanceView change(
            InstanceRef ref, InstanceActor actor, String cause, UnaryOperator<List<ExposedPort>> change) {
        // One after the other: each has to know the ports that it changes.
        synchronized (actor) {
            List<ExposedPort> has = actor.spec().exposes();
            List<ExposedPort> wanted = change.apply(has);
            if (!wanted.equals(has)) {
                replace(
                        has,
                        wanted,
                        ports -> actor.ask(new InstanceEvent.Change(spec -> spec.withExposes(ports), cause)));
            }
        }
        return instances.get(ref);
    }

    /** The ports that a client wants exposed, null being none; throws (400) when they make no sense. */
    static List<ExposedPort> wanted(@Nullable List<PortMapping> asked) {
        List<PortMapping> exposes = Objects.requireNonNullElse(asked, List.of());
        checkCount(exposes.size());
        Set<Integer> publicPorts = new HashSet<>();
        List<ExposedPort> wanted = new ArrayList<>();
        for (PortMapping mapping : exposes) {
            int guestPort = port("port", mapping.port());
            Integer given = mapping.publicPort();
            int publicPort = given == null ? ExposedPort.ANY : port("public_port", given);
            wanted.add(new ExposedPort(guestPort, publicPort, protocol(mapping.protocol())));
            if (given != null && !publicPorts.add(publicPort)) {
                throw ErrorCode.BAD_REQUEST.refusal("exposes has the public port " + publicPort + " twice");
            }
        }
        return wanted;
    }

    private static void checkCount(int ports) {
        if (ports > MOST) {
            throw ErrorCode.BAD_REQUEST.refusal("an instance can expose at most " + MOST + " ports, not " + ports);
        }
    }

    private static int port(String field, int number) {
        if (!PortMapping.isPort(number)) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "exposes." + field + " must be 1.." + PortMapping.MAX_PORT + ", not " + number);
        }
        return number;
    }

    private static PortProtocol protocol(@Nullable String word) {
        return word == null
                ? PortProtocol.HTTP
                : PortProtocol.parse(word)
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                "exposes.protocol must be one of http, tcp, grpc, not '" + word + "'"));
    }

    /**
     * Takes the ports that an instance shall have, keeps those of its own that it can, and changes it so. Then it gives
     * up the others; if the change is refused, the new ones.
     */
    void replace(List<ExposedPort> has, List<ExposedPort> wanted, Consumer<List<ExposedPort>> change) {
        List<ExposedPort> left = new ArrayList<>(has);
        List<ExposedPort> taken = new ArrayList<>();
        try {
            for (ExposedPort wish : wanted) {
                Optional<ExposedPort> own =
                        left.stream().filter(port -> does(port, wish, wanted)).findFirst();
                own.ifPresent(left::remove);
                taken.add(own.map(port -> new ExposedPort(wish.guestPort(), port.publicPort(), wish.protocol()))
                        .orElseGet(() -> instances.ports().take(List.of(wish)).getFirst()));
            }
            change.accept(taken);
        } catch (ApiException refusal) {
            instances.ports().release(others(taken, has));
            throw refusal;
        }
        instances.ports().release(others(has, taken));
    }

    /** Whether it is the wanted number, or, if any will do, already leads to the same port of the guest. */
    private static boolean does(ExposedPort port, ExposedPort wish, List<ExposedPort> all) {
        return wish.publicPort() == ExposedPort.ANY
                ? port.guestPort() == wish.guestPort()
                        && all.stream().noneMatch(other -> other.publicPort() == port.publicPort())
                : port.publicPort() == wish.publicPort();
    }

    /** Those ports whose numbers are not among others. */
    private static List<ExposedPort> others(List<ExposedPort> ports, List<ExposedPort> kept) {
        Set<Integer> numbers = kept.stream().map(ExposedPort::publicPort).collect(Collectors.toSet());
        return ports.stream()
                .filter(port -> !numbers.contains(port.publicPort()))
                .toList();
    }
}
