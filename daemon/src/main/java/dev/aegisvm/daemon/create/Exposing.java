package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.PublicPorts.Wanted;

/** Exposes ports of instances in any state, and removes them again. Ports that are not named stay. */
public record Exposing(Instances instances) {
    /**
     * Exposes a port; one that is exposed already stays so.
     *
     * @throws ApiException when the port of the host is taken, or the instance has too many
     */
    public InstanceView expose(InstanceRef ref, PortMapping mapping) {
        instances.refuseWhenClosed();
        Wanted wish = ExposesCheck.wanted(List.of(mapping)).getFirst();
        InstanceActor actor = instances.find(ref);
        // One after the other: each has to know the ports that it adds to.
        synchronized (actor) {
            List<ExposedPort> has = actor.snapshot().record().spec().exposes();
            if (has.stream().noneMatch(port -> isDone(wish, port))) {
                ExposesCheck.checkCount(has.size() + 1);
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
            if (!actor.snapshot().record().enabled()) {
                // Until it is started; the number is its own.
                instances.ports().close(taken);
            }
        } catch (ApiException refusal) {
            instances.ports().release(taken);
            throw refusal;
        }
    }

    /**
     * Gives up the ports of the host that lead to a port of the guest, or one of them; their connections end.
     *
     * @param port {@code GUEST} or {@code PUBLIC:GUEST}
     * @throws ApiException when the instance does not have it
     */
    public InstanceView unexpose(InstanceRef ref, String port) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        Wanted given = ExposesCheck.wanted(List.of(PortMapping.read(port)
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                "a port must be GUEST or PUBLIC:GUEST, such as 80 or 8080:80"))))
                .getFirst();
        synchronized (actor) {
            Map<Boolean, List<ExposedPort>> ports = actor.snapshot().record().spec().exposes().stream()
                    .collect(Collectors.partitioningBy(each -> isDone(given, each)));
            List<ExposedPort> leaving = Objects.requireNonNull(ports.get(true));
            if (leaving.isEmpty()) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "port " + port + " of " + actor.name() + " is not exposed",
                        "'aegis port " + actor.spec().hostname() + "' lists its ports");
            }
            actor.ask(new InstanceEvent.Change(
                    spec -> spec.withExposes(Objects.requireNonNull(ports.get(false))),
                    "port " + given.guestPort() + " is not exposed any more"));
            instances.ports().release(leaving);
        }
        return instances.get(ref);
    }
}
