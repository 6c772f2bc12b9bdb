package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.PublicPorts.Wanted;

/** Exposes ports of instances, whatever these do at the moment, and gives them up again. What is not named stays as it is. */
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
            actor.change(
                    spec -> spec.withExposes(Stream.concat(spec.exposes().stream(), taken.stream())
                            .toList()),
                    "port " + wish.guestPort() + " was exposed");
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
     * Gives up a port of the host, whose connections end.
     *
     * @throws ApiException when the instance does not have it
     */
    public InstanceView unexpose(InstanceRef ref, String publicPort) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        synchronized (actor) {
            List<ExposedPort> given = actor.snapshot().record().spec().exposes().stream()
                    .filter(port -> Integer.toString(port.publicPort()).equals(publicPort))
                    .toList();
            if (given.isEmpty()) {
                throw ErrorCode.NOT_FOUND.refusal(
                        actor.name() + " is not reached by port " + publicPort + " of the host",
                        "'aegis port " + actor.name() + "' shows its ports");
            }
            actor.change(
                    spec -> spec.withExposes(spec.exposes().stream()
                            .filter(port -> !given.contains(port))
                            .toList()),
                    "port " + publicPort + " of the host was given up");
            instances.ports().release(given);
        }
        return instances.get(ref);
    }
}
