package dev.aegisvm.gateway.policy;

import module java.base;

/** Where a guest wants to connect to. A port is 1..65535, or {@link #SOME_PORT} while only the name is known. */
public sealed interface Destination {
    /** Of a question about a name: the connection comes later. */
    int SOME_PORT = 0;

    Pattern INSTANCE = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

    /** A host by its name, before it is resolved. */
    record Named(String name, int port) implements Destination {
        public Resolved at(InetAddress address) {
            return new Resolved(name, address, port);
        }
    }

    /** An address that the guest itself has chosen. */
    record Numeric(InetAddress address, int port) implements Destination {}

    /** A name, with one of the addresses that it leads to. */
    record Resolved(String name, InetAddress address, int port) implements Destination {}

    /** Another instance: {@code NAME.aegis}. */
    record Sibling(String instance, int port) implements Destination {}

    /** The host's own loopback. */
    record TheHost(int port) implements Destination {
        /** As guests and rules call it. */
        public static final String NAME = "host.aegis";

        /** Whether it is called so, by us or by Docker. */
        static boolean isCalled(String name) {
            return name.equals(NAME) || name.equals("host.docker.internal");
        }
    }

    int port();

    /** As users write it in a rule. */
    default String text() {
        String port = port() == SOME_PORT ? "" : ":" + port();
        return switch (this) {
            case Named named -> named.name() + port;
            case Numeric numeric -> Addresses.text(numeric.address(), numeric.port());
            case Resolved resolved -> resolved.name() + port;
            case Sibling sibling -> "instance:" + sibling.instance() + port;
            case TheHost _ -> TheHost.NAME + (port.isEmpty() ? ":PORT" : port);
        };
    }

    /** The host of the world that it is asked for by, in the form of {@link HostName}. */
    default Optional<String> host() {
        return switch (this) {
            case Named named -> Optional.of(named.name());
            case Resolved resolved -> Optional.of(resolved.name());
            case Numeric _, Sibling _, TheHost _ -> Optional.empty();
        };
    }

    default Optional<InetAddress> real() {
        return switch (this) {
            case Numeric numeric -> Optional.of(numeric.address());
            case Resolved resolved -> Optional.of(resolved.address());
            case Named _, Sibling _, TheHost _ -> Optional.empty();
        };
    }

    /** Whether it is a host or an address, and no instance or the host by our own names for them. */
    default boolean isOutside() {
        return host().isPresent() || real().isPresent();
    }

    /** Whether an instance can be called so: by its handle or its id. */
    static boolean isInstance(String name) {
        return INSTANCE.matcher(name).matches();
    }

    /** Names under {@code .aegis} are ours; nothing where one can mean nothing. */
    static Optional<Destination> ofName(String name, int port) {
        if (TheHost.isCalled(name)) {
            return Optional.of(new TheHost(port));
        }
        if (!name.equals("aegis") && !name.endsWith(".aegis")) {
            return Optional.of(new Named(name, port));
        }
        String instance = name.substring(0, Math.max(0, name.length() - ".aegis".length()));
        return isInstance(instance) ? Optional.of(new Sibling(instance, port)) : Optional.empty();
    }
}
