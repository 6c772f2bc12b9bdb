package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The ports of the host through which guests are reached. A number belongs to one instance until it is released. */
public interface PublicPorts {
    /**
     * A guest port that a new instance exposes.
     *
     * @param guestPort 1..65535
     * @param publicPort 1..65535; absent: any that is free
     */
    record Wanted(int guestPort, OptionalInt publicPort, PortProtocol protocol) {}

    /**
     * Takes ports for a new instance, all or none of them; clients that connect wait until {@link #open}.
     *
     * @throws ApiException (409) when one that was asked for is taken, or none is left
     */
    List<ExposedPort> take(List<Wanted> wanted);

    /** Keeps the numbers that an instance of an earlier daemon has. */
    void keep(List<ExposedPort> ports);

    /** Lets clients through to an instance. A port that another program has is tried again until it is free. */
    void open(List<ExposedPort> ports, Reachable instance);

    /** Stops listening and ends all connections; the numbers stay taken. */
    void close(List<ExposedPort> ports);

    /** Closes the ports and gives their numbers away. */
    void release(List<ExposedPort> ports);

    /** Host and port of the HTTP router, if it listens. */
    Optional<String> httpRouter();

    /** Why it does not: a sentence that goes on after "the HTTP router". */
    Optional<String> httpRouterObstacle();

    /** Whether we listen on it. */
    boolean isBound(ExposedPort port);
}
