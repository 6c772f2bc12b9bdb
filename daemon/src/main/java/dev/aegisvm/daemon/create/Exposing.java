package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.PublicPorts.Wanted;
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
        Wanted wish = wanted(List.of(mapping)).getFirst();
        InstanceActor actor = instances.find(ref);
        // One after the other: each has to know the ports that it adds to.
        synchronized (actor) {
            List<ExposedPort> has = actor.spec().exposes();
            if (has.stream().noneMatch(port -> isDone(wish, port))) {
                checkCount(has.size() + 1);
                add(actor, wish);
            }
        }
        return instances.get(ref);
    }

    private static boolean isDone(Wanted wish, ExposedPort port) {
        return port.guestPort() == wish.guestPort()
                && (wish.publicPort().isEmpty() || wish.publicPort().getAsInt() == port.publicPort());
    }

    private void add(InstanceActor actor, Wanted wish) {
        List<ExposedPort> taken = instances.ports().take(List.of(wish));
        try {
            actor.ask(new InstanceEvent.Change(
                    spec -> spec.withExposes(Stream.concat(spec.exposes().stream(), taken.stream())
                            .toList()),
                    "port " + wish.guestPort() + " was exposed"));
        } catch (ApiException refusal) {
            instances.ports().release(taken);
            throw refusal;
        }
    }

    /** Gives up the ports of the host that lead to {@code GUEST}, or {@code PUBLIC:GUEST}; their connections end. */
    public InstanceView unexpose(InstanceRef ref, String port) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        Wanted given = wanted(List.of(PortMapping.read(port)
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                "a port must be GUEST or PUBLIC:GUEST, such as 80 or 8080:80"))))
                .getFirst();
        synchronized (actor) {
            List<ExposedPort> leaving = actor.spec().exposes().stream()
                    .filter(each -> isDone(given, each))
                    .toList();
            if (leaving.isEmpty()) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "port " + port + " of " + actor.name() + " is not exposed",
                        "'aegis port " + actor.spec().hostname() + "' lists its ports");
            }
            actor.ask(new InstanceEvent.Change(
                    spec -> spec.withExposes(others(spec.exposes(), leaving)),
                    "port " + given.guestPort() + " is not exposed any more"));
            instances.ports().release(leaving);
        }
        return instances.get(ref);
    }

    /** The ports that a client wants exposed, null being none; throws (400) when they make no sense. */
    static List<Wanted> wanted(@Nullable List<PortMapping> asked) {
        List<PortMapping> exposes = Objects.requireNonNullElse(asked, List.of());
        checkCount(exposes.size());
        Set<Integer> publicPorts = new HashSet<>();
        List<Wanted> wanted = new ArrayList<>();
        for (PortMapping mapping : exposes) {
            Integer publicPort = mapping.publicPort();
            wanted.add(new Wanted(
                    port("port", mapping.port()),
                    publicPort == null ? OptionalInt.empty() : OptionalInt.of(port("public_port", publicPort)),
                    protocol(mapping.protocol())));
            if (publicPort != null && !publicPorts.add(publicPort)) {
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
     * Takes the ports that a stored instance shall have, keeps those of its own that it can, and starts it with them.
     * Then it gives up the others; if that is refused, the new ones.
     */
    void replace(List<ExposedPort> has, List<PortMapping> exposes, Consumer<List<ExposedPort>> start) {
        List<Wanted> wanted = wanted(exposes);
        List<ExposedPort> left = new ArrayList<>(has);
        List<ExposedPort> taken = new ArrayList<>();
        try {
            for (Wanted wish : wanted) {
                Optional<ExposedPort> own =
                        left.stream().filter(port -> does(port, wish, wanted)).findFirst();
                own.ifPresent(left::remove);
                taken.add(own.map(port -> new ExposedPort(wish.guestPort(), port.publicPort(), wish.protocol()))
                        .orElseGet(() -> instances.ports().take(List.of(wish)).getFirst()));
            }
            start.accept(taken);
        } catch (ApiException refusal) {
            instances.ports().release(others(taken, has));
            throw refusal;
        }
        instances.ports().release(others(has, taken));
    }

    /** Whether it is the wanted number, or, if any will do, already leads to the same port of the guest. */
    private static boolean does(ExposedPort port, Wanted wish, List<Wanted> all) {
        OptionalInt number = OptionalInt.of(port.publicPort());
        return wish.publicPort().isPresent()
                ? wish.publicPort().equals(number)
                : port.guestPort() == wish.guestPort()
                        && all.stream().noneMatch(other -> other.publicPort().equals(number));
    }

    /** Those ports whose numbers are not among others. */
    private static List<ExposedPort> others(List<ExposedPort> ports, List<ExposedPort> kept) {
        Set<Integer> numbers = kept.stream().map(ExposedPort::publicPort).collect(Collectors.toSet());
        return ports.stream()
                .filter(port -> !numbers.contains(port.publicPort()))
                .toList();
    }
}
