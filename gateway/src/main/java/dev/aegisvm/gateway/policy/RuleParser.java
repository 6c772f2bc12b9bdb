package dev.aegisvm.gateway.policy;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Reads the words of rules, once, at the edge. */
public final class RuleParser {
    private static final String WORDS =
            "write a host (api.example.com, *.api.example.com, api.example.com:443), addresses (10.0.0.0/8,"
                    + " 10.1.2.3:5432, [fd00::1]:443), @PRESET, instance:NAME, host.aegis:PORT or from:NAME";
    private static final String INSTANCE = "instance:";
    private static final String FROM = "from:";
    private static final String THE_HOST = "host.aegis";
    private static final Pattern PRESET = Pattern.compile("@[a-z0-9][a-z0-9_-]{0,31}");
    private static final Pattern IN_BRACKETS = Pattern.compile("\\[([^\\[\\]]+)](?::(.*))?");
    private static final Pattern WITH_PORT = Pattern.compile("([^:]+)(?::([^:]*))?");
    private static final Pattern NUMERIC = Pattern.compile("[0-9./]+");
    private static final int LONGEST = 300;

    private RuleParser() {}

    /**
     * Reads one. What a preset stands for is looked up later, by {@link Presets#filled}.
     *
     * @throws PolicyException when it is no rule; says what to write
     */
    public static Rule parse(String word) {
        if (word.length() > LONGEST || word.isBlank()) {
            throw new PolicyException("a rule must be 1 to " + LONGEST + " characters: " + WORDS);
        }
        if (word.contains("://")) {
            throw new PolicyException("'" + word + "' is a URL: write only its host, as in api.example.com");
        }
        if (PRESET.matcher(word).matches()) {
            return new Rule(word, List.of());
        }
        Rule.Match match = match(word);
        return new Rule(text(match), List.of(match));
    }

    public static List<Rule> parse(List<String> words) {
        return words.stream().map(RuleParser::parse).toList();
    }

    private static Rule.Match match(String word) {
        if (word.startsWith(INSTANCE)) {
            return instance(word);
        }
        if (word.startsWith(FROM)) {
            return from(word);
        }
        Matcher bracketed = IN_BRACKETS.matcher(word);
        if (bracketed.matches()) {
            return new Rule.Range(Cidr.parse(bracketed.group(1)), port(word, bracketed.group(2)));
        }
        Matcher parts = WITH_PORT.matcher(word);
        if (!parts.matches()) {
            return new Rule.Range(Cidr.parse(word), Destination.SOME_PORT);
        }
        int port = port(word, parts.group(2));
        String host = parts.group(1);
        return NUMERIC.matcher(host).matches() ? new Rule.Range(Cidr.parse(host), port) : host(word, host, port);
    }

    private static Rule.Match instance(String word) {
        Matcher parts = WITH_PORT.matcher(word.substring(INSTANCE.length()));
        if (!parts.matches() || !Destination.isInstance(parts.group(1))) {
            throw new PolicyException(
                    "'" + word + "': write instance:NAME or instance:NAME:PORT, with the name of an" + " instance");
        }
        return new Rule.Instance(parts.group(1), port(word, parts.group(2)));
    }

    private static Rule.Match from(String word) {
        String name = word.substring(FROM.length());
        if (!Destination.isInstance(name)) {
            throw new PolicyException("'" + word + "': write from:NAME, with the name of an instance and no port");
        }
        return new Rule.From(name);
    }

    private static Rule.Match host(String word, String host, int port) {
        boolean below = host.startsWith("*.");
        Optional<String> name = HostName.international(below ? host.substring(2) : host);
        if (host.equals("*")) {
            throw new PolicyException("'" + word + "' would allow everything: use --network public or open instead");
        }
        if (name.isEmpty()) {
            throw new PolicyException("'" + word + "' is not a valid rule: " + WORDS);
        }
        if (name.get().equals(THE_HOST) || name.get().equals("host.docker.internal")) {
            if (port == Destination.SOME_PORT || below) {
                throw new PolicyException("'" + word + "' needs a port: write " + THE_HOST + ":8080");
            }
            return new Rule.TheHost(port);
        }
        if (name.get().endsWith(".aegis") || name.get().equals("aegis")) {
            throw new PolicyException("'" + word + "' is an instance: write instance:NAME or instance:NAME:PORT");
        }
        return new Rule.Host(name.get(), below, port);
    }

    private static int port(String word, @Nullable String digits) {
        if (digits == null) {
            return Destination.SOME_PORT;
        }
        int port = digits.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > 65_535) {
            throw new PolicyException("'" + word + "': a port must be 1 to 65535, not '" + digits + "'");
        }
        return port;
    }

    private static String text(Rule.Match match) {
        String port = match.port() == Destination.SOME_PORT ? "" : ":" + match.port();
        return switch (match) {
            case Rule.Host host -> (host.below() ? "*." : "") + host.name() + port;
            case Rule.Range range
            when port.isEmpty() || range.addresses().first() instanceof Inet4Address -> range.addresses() + port;
            case Rule.Range range -> "[" + range.addresses() + "]" + port;
            case Rule.Instance instance -> INSTANCE + instance.name() + port;
            case Rule.From from -> FROM + from.name();
            case Rule.TheHost _ -> THE_HOST + port;
        };
    }
}
