package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;

/** The ports of the host through which guests are reached. A number belongs to one instance until it is released. */
public interface PublicPorts {
    /** Takes the ports that an instance wants, all or none. Clients that connect wait until {@link #open}. */
    List<ExposedPort> take(List<ExposedPort> wanted);

    /** Keeps the numbers that an instance of an earlier daemon has. */
    void keep(List<ExposedPort> ports);

    /** Lets clients through to an instance. A port that another program has is tried again until it is free. */
    void open(List<ExposedPort> ports, Reachable instance);

    /** Stops listening and ends all connections; the numbers stay taken. */
    void close(List<ExposedPort> ports);

    /** Closes ports that an instance no longer has, and opens new ones, or closes them too if it is disabled. */
    default void change(List<ExposedPort> from, List<ExposedPort> to, Optional<Reachable> instance) {
        close(from.stream().filter(port -> !to.contains(port)).toList());
        List<ExposedPort> added =
                to.stream().filter(port -> !from.contains(port)).toList();
        instance.ifPresentOrElse(now -> open(added, now), () -> close(added));
    }

    /** Closes the ports and gives their numbers away. */
    void release(List<ExposedPort> ports);

    /**
     * How the HTTP router is.
     *
     * @param address host and port, if it listens
     * @param obstacle why it does not, and tries again: a sentence that goes on after "the HTTP router"
     */
    record HttpState(Optional<String> address, Optional<String> obstacle) {}

    HttpState http();

    boolean isBound(ExposedPort port);

    /** Connects to a port of a guest, exposed or not, as a client that is no program of this host; returns our end. */
    SocketChannel connect(Reachable instance, int guestPort) throws IOException;

    /** An instance as clients of its ports find it. */
    interface Reachable {
        /** Where a request to the HTTP router goes: an instance and the port of the host that stands for its server. */
        record Route(Reachable instance, int publicPort) {}

        String name();

        Connections connections();

        /** The VM, resumed or booted once for all who ask; throws when that takes too long or it is disabled. */
        LiveVm awake(String cause, Duration limit);

        boolean runs();

        /** Lets a paused VM go on, sooner or later; does nothing to others. */
        void wake(String cause);

        void log(String line);
    }

    /** An instance whose guest opens connections, as the gateway finds it. */
    interface Caller extends Reachable {
        Egress egress();

        /**
         * Connects to a port of another instance, by its id or handle, and wakes it; returns our end. Throws when it
         * does not accept that, and says what to do.
         */
        SocketChannel connect(String instance, int guestPort) throws IOException;
    }
}
