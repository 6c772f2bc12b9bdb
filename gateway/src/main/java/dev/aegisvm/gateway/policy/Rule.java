package dev.aegisvm.gateway.policy;

import module java.base;
import dev.aegisvm.api.PortMapping;
import org.jspecify.annotations.Nullable;

/**
 * What a user allows or denies by one word.
 *
 * @param word as users write it, without what makes no difference
 * @param matches what it stands for: one thing, or what {@link Presets} know of a preset. A preset without any allows
 *     nothing, and denies everything
 */
public record Rule(String word, List<Match> matches) {
    private static final String WORDS =
            "write a host (api.example.com, *.api.example.com, api.example.com:443), addresses (10.0.0.0/8,"
                    + " 10.1.2.3:5432, [fd00::1]:443), @PRESET, instance:NAME, host.aegis:PORT or from:NAME";
    private static final String INSTANCE = "instance:";
    private static final String FROM = "from:";
    private static final Pattern URL =
            Pattern.compile("http(s?)://([^/?#@:]+|\\[[^\\]]+])(?::(\\d{1,5}))?((?:[/?#].*)?)");
    private static final Pattern PRESET = Pattern.compile("@[a-z0-9][a-z0-9_-]{0,31}");
    private static final Pattern IN_BRACKETS = Pattern.compile("\\[([^\\[\\]]+)](?::(.*))?");
    private static final Pattern WITH_PORT = Pattern.compile("([^:]+)(?::([^:]*))?");
    private static final Pattern NUMERIC = Pattern.compile("[0-9./]+");
    private static final int LONGEST = 300;

    /** A host, a range, another instance, or this host; with a port, or {@link Destination#SOME_PORT} for all. */
    public sealed interface Match {
        int port();

        /** Without regard to ports. */
        default boolean leadsTo(Destination destination) {
            return switch (this) {
                case Host(String name, boolean below, int _) -> {
                    String host = destination.host().orElse("");
                    yield below ? host.endsWith("." + name) : host.equals(name);
                }
                case Range(Cidr addresses, int _) ->
                    destination.real().filter(addresses::contains).isPresent();
                case Instance(String name, int _) ->
                    destination instanceof Destination.Sibling(String wanted, int _) && wanted.equals(name);
                case From _ -> false;
                case TheHost _ -> destination instanceof Destination.TheHost;
            };
        }
    }

    /** A host, in the form of {@link HostName}; with {@code below} all names below it, without itself. */
    public record Host(String name, boolean below, int port) implements Match {}

    /** What has one of these addresses, by whatever name. */
    public record Range(Cidr addresses, int port) implements Match {}

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

    /** Reads one; a PolicyException says what to write. What a preset stands for, {@link Presets#filled} says later. */
    public static Rule parse(String word) {
        if (word.length() > LONGEST || word.isBlank()) {
            throw new PolicyException("a rule must be 1 to " + LONGEST + " characters: " + WORDS);
        }
        if (word.contains("://")) {
            return parse(hostOf(word));
        }
        if (PRESET.matcher(word).matches()) {
            return new Rule(word, List.of());
        }
        Match match = match(word);
        return new Rule(text(match), List.of(match));
    }

    /** The host of a URL, with its port: all that a rule can be about. */
    private static String hostOf(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new PolicyException("'" + url + "' is a URL: write only its host, as in api.example.com");
        }
        String port = parts.group(3) != null ? parts.group(3) : parts.group(1).isEmpty() ? "80" : "443";
        String host = parts.group(2) + ":" + port;
        if (!parts.group(4).matches("/?")) {
            throw new PolicyException("'" + url + "' is a URL, and a rule is about all of a host: write " + host);
        }
        return host;
    }

    public static List<Rule> parse(List<String> words) {
        return words.stream().map(Rule::parse).toList();
    }

    private static Match match(String word) {
        if (word.startsWith(INSTANCE)) {
            return instance(word);
        }
        if (word.startsWith(FROM)) {
            return from(word);
        }
        Matcher bracketed = IN_BRACKETS.matcher(word);
        if (bracketed.matches()) {
            return new Range(Cidr.parse(bracketed.group(1)), port(word, bracketed.group(2)));
        }
        Matcher parts = WITH_PORT.matcher(word);
        if (!parts.matches()) {
            return new Range(Cidr.parse(word), Destination.SOME_PORT);
        }
        int port = port(word, parts.group(2));
        String host = parts.group(1);
        return NUMERIC.matcher(host).matches() ? new Range(Cidr.parse(host), port) : host(word, host, port);
    }

    private static Match instance(String word) {
        Matcher parts = WITH_PORT.matcher(word.substring(INSTANCE.length()));
        if (!parts.matches() || !Destination.isInstance(parts.group(1))) {
            throw new PolicyException(
                    "'" + word + "': write instance:NAME or instance:NAME:PORT, with the name of an instance");
        }
        return new Instance(parts.group(1), port(word, parts.group(2)));
    }

    private static Match from(String word) {
        String name = word.substring(FROM.length());
        if (!Destination.isInstance(name)) {
            throw new PolicyException("'" + word + "': write from:NAME, with the name of an instance and no port");
        }
        return new From(name);
    }

    private static Match host(String word, String host, int port) {
        boolean below = host.startsWith("*.");
        Optional<String> name = HostName.international(below ? host.substring(2) : host);
        if (host.equals("*")) {
            throw new PolicyException("'" + word + "' would allow everything: use --network public or open instead");
        }
        if (name.isEmpty()) {
            throw new PolicyException("'" + word + "' is not a valid rule: " + WORDS);
        }
        if (Destination.TheHost.isCalled(name.get())) {
            if (port == Destination.SOME_PORT || below) {
                throw new PolicyException("'" + word + "' needs a port: write " + Destination.TheHost.NAME + ":8080");
            }
            return new TheHost(port);
        }
        if (name.get().endsWith(".aegis") || name.get().equals("aegis")) {
            throw new PolicyException("'" + word + "' is an instance: write instance:NAME or instance:NAME:PORT");
        }
        return new Host(name.get(), below, port);
    }

    private static int port(String word, @Nullable String digits) {
        if (digits == null) {
            return Destination.SOME_PORT;
        }
        int port = digits.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(digits) : 0;
        if (!PortMapping.isPort(port)) {
            throw new PolicyException("'" + word + "': a port must be 1 to 65535, not '" + digits + "'");
        }
        return port;
    }

    private static String text(Match match) {
        String port = match.port() == Destination.SOME_PORT ? "" : ":" + match.port();
        return switch (match) {
            case Host host -> (host.below() ? "*." : "") + host.name() + port;
            case Range range
            when port.isEmpty() || range.addresses().first() instanceof Inet4Address -> range.addresses() + port;
            case Range range -> "[" + range.addresses() + "]" + port;
            case Instance instance -> INSTANCE + instance.name() + port;
            case From from -> FROM + from.name();
            case TheHost _ -> Destination.TheHost.NAME + port;
        };
    }

    boolean isPreset() {
        return word.startsWith("@");
    }

    /** Whether a match that counts lets something pass, if it is there to allow: on some port, while none is known. */
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
}
