package dev.aegisvm.gateway.policy;

import module java.base;

/** Where a guest wants to connect to. A port is 1..65535, or {@link #SOME_PORT} while only the name is known. */
public sealed interface Destination {
    /** Of a question about a name: the connection comes later. */
    int SOME_PORT = 0;

    Pattern INSTANCE = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

    int port();

    /** As users write it in a rule. */
    String text();

    /** The host of the world that it is asked for by, in the form of {@link HostName}. */
    default Optional<String> host() {
        return Optional.empty();
    }

    /** The real address, where it is known. */
    default Optional<InetAddress> real() {
        return Optional.empty();
    }

    /** Whether it is a host or an address, and no instance or the host by our own names for them. */
    default boolean isOutside() {
        return host().isPresent() || real().isPresent();
    }

    /** A host by its name, before it is resolved. */
    record Named(String name, int port) implements Destination {
        @Override
        public String text() {
            return port == SOME_PORT ? name : name + ":" + port;
        }

        @Override
        public Optional<String> host() {
            return Optional.of(name);
        }
    }

    /** An address that the guest itself has chosen. */
    record Numeric(InetAddress address, int port) implements Destination {
        @Override
        public String text() {
            return Addresses.text(address, port);
        }

        @Override
        public Optional<InetAddress> real() {
            return Optional.of(address);
        }
    }

    /** A name, with one of the addresses that it leads to. */
    record Resolved(String name, InetAddress address, int port) implements Destination {
        @Override
        public String text() {
            return name + ":" + port;
        }

        @Override
        public Optional<String> host() {
            return Optional.of(name);
        }

        @Override
        public Optional<InetAddress> real() {
            return Optional.of(address);
        }
    }

    /** Another instance: {@code NAME.aegis}. */
    record Sibling(String instance, int port) implements Destination {
        @Override
        public String text() {
            return "instance:" + instance + (port == SOME_PORT ? "" : ":" + port);
        }
    }

    /** The host's own loopback: {@code host.aegis}. */
    record TheHost(int port) implements Destination {
        @Override
        public String text() {
            return "host.aegis:" + (port == SOME_PORT ? "PORT" : port);
        }
    }

    /** Whether an instance can be called so: by its handle or its id. */
    static boolean isInstance(String name) {
        return INSTANCE.matcher(name).matches();
    }

    /** Names under {@code .aegis} are ours; nothing where one can mean nothing. */
    static Optional<Destination> ofName(String name, int port) {
        if (name.equals("host.aegis") || name.equals("host.docker.internal")) {
            return Optional.of(new TheHost(port));
        }
        if (!name.equals("aegis") && !name.endsWith(".aegis")) {
            return Optional.of(new Named(name, port));
        }
        String instance = name.substring(0, Math.max(0, name.length() - ".aegis".length()));
        return isInstance(instance) ? Optional.of(new Sibling(instance, port)) : Optional.empty();
    }
}
