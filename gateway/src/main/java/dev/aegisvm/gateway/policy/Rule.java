package dev.aegisvm.gateway.policy;

import module java.base;

/**
 * What a user allows or denies by one word; {@link RuleParser} reads it.
 *
 * @param word as users write it, without what makes no difference
 * @param matches what it stands for: one thing, or what {@link Presets} know of a preset. A preset without any allows
 *     nothing, and denies everything
 */
public record Rule(String word, List<Match> matches) {
    /** A host, a range, another instance, or this host; with a port, or {@link Destination#SOME_PORT} for all. */
    public sealed interface Match {
        int port();

        /** Without regard to ports. */
        default boolean leadsTo(Destination destination) {
            return switch (this) {
                case Host(String name, boolean below, int _) ->
                    destination
                            .host()
                            .filter(host -> below ? host.endsWith("." + name) : host.equals(name))
                            .isPresent();
                case Range(Cidr addresses, int _) ->
                    destination.real().filter(addresses::contains).isPresent();
                case Instance(String name, int _) ->
                    destination instanceof Destination.Sibling(String wanted, int _) && wanted.equals(name);
                case From _ -> false;
                case TheHost _ -> destination instanceof Destination.TheHost;
            };
        }
    }

    /**
     * A host by its name, in the form of {@link HostName}.
     *
     * @param below whether all names below it are meant, without itself
     */
    public record Host(String name, boolean below, int port) implements Match {}

    record Range(Cidr addresses, int port) implements Match {}

    record Instance(String name, int port) implements Match {}

    /** Another instance that connects to this one; leads nowhere. */
    record From(String name) implements Match {
        @Override
        public int port() {
            return Destination.SOME_PORT;
        }
    }

    record TheHost(int port) implements Match {}

    public Rule {
        matches = List.copyOf(matches);
    }

    boolean isPreset() {
        return word.startsWith("@");
    }

    /**
     * Whether it lets something pass, if it is there to allow: on some port, where the port is not known yet.
     *
     * @param counting which of its matches count
     */
    public boolean allows(Predicate<Match> counting, Destination destination) {
        return matches.stream()
                .filter(counting)
                .anyMatch(match -> match.leadsTo(destination)
                        && (match.port() == destination.port()
                                || match.port() == Destination.SOME_PORT
                                || destination.port() == Destination.SOME_PORT));
    }

    /** Whether it refuses something, if it is there to deny: on every port, where the port is not known yet. */
    boolean denies(Destination destination) {
        return matches.isEmpty()
                || matches.stream()
                        .anyMatch(match -> match.leadsTo(destination)
                                && (match.port() == destination.port() || match.port() == Destination.SOME_PORT));
    }

    /** Whether it is about who connects to the instance, and not about what that reaches. */
    public boolean isInward() {
        return matches.stream().anyMatch(From.class::isInstance);
    }

    /** Whether it is about another instance that connects to this one, and has one of these names. */
    public boolean isFrom(Collection<String> names) {
        return matches.stream().anyMatch(match -> match instanceof From(String name) && names.contains(name));
    }

    @Override
    public String toString() {
        return word;
    }
}
