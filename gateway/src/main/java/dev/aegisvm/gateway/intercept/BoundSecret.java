package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.policy.*;

/**
 * A secret that a guest uses and does not have. It has a placeholder, and what it sends to these hosts has the value in
 * its place.
 *
 * @param name of the secret, and of the variable
 * @param hosts each with its port
 * @param placeholders each {@link #PLACEHOLDER}: first that of new processes, which no other instance has; then those
 *     of the instances that it was forked from, which its memory and its disk may have
 */
public record BoundSecret(String name, List<Rule.Host> hosts, List<String> placeholders) {
    static final Pattern PLACEHOLDER = Pattern.compile("aegis-secret-[0-9a-f]{32}");
    private static final Pattern THE_HOST = Pattern.compile("(?i)(host\\.aegis|host\\.docker\\.internal)\\.?(:.*)?");
    private static final int RANDOM_BYTES = 16;
    private static final int USUAL_PORT = 443;
    private static final int MOST_HOSTS = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    public BoundSecret {
        hosts = List.copyOf(hosts);
        placeholders = List.copyOf(placeholders);
    }

    /** Whether a word is one of these, and not the name of a secret that the guest is given. */
    public static boolean isOne(String word) {
        return word.indexOf('@') >= 0;
    }

    /** Reads {@code KEY@HOST[,HOST…]}, where no port means 443; a PolicyException says what to write. */
    public static BoundSecret parse(String word, List<String> placeholders) {
        int at = word.indexOf('@');
        String[] words = word.substring(at + 1).split(",", -1);
        if (words.length > MOST_HOSTS) {
            throw new PolicyException("a secret can be bound to at most " + MOST_HOSTS + " hosts");
        }
        return new BoundSecret(
                word.substring(0, at), Stream.of(words).map(BoundSecret::host).toList(), placeholders);
    }

    private static Rule.Host host(String word) {
        if (THE_HOST.matcher(word).matches()) {
            throw new PolicyException("a secret cannot be bound to this host (" + word + "), only to other hosts, as in"
                    + " KEY@api.example.com; to use it with a program on this host, give it to the instance as KEY");
        }
        if (!word.startsWith("@")
                && !word.contains("://")
                && Rule.parse(word).matches().getFirst() instanceof Rule.Host(String name, boolean below, int port)
                && !below
                && name.indexOf('_') < 0) {
            return new Rule.Host(name, false, port == Destination.SOME_PORT ? USUAL_PORT : port);
        }
        throw new PolicyException("a secret is bound to hosts by their names, as in KEY@api.example.com or"
                + " KEY@a.example.com,b.example.com:8443, not to '" + word + "'");
    }

    public static String newPlaceholder() {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        return "aegis-secret-" + HexFormat.of().formatHex(random);
    }

    public BoundSecret forked() {
        List<String> all = new ArrayList<>(placeholders);
        all.addFirst(newPlaceholder());
        return new BoundSecret(name, hosts, all);
    }

    public String placeholder() {
        return placeholders.getFirst();
    }

    public String word() {
        return name + "@" + hostWords();
    }

    String hostWords() {
        return hosts.stream()
                .map(host -> host.port() == USUAL_PORT ? host.name() : host.name() + ":" + host.port())
                .collect(Collectors.joining(","));
    }

    /** What allows its hosts. */
    public Rule rule() {
        return new Rule(Verdict.SECRET + name, List.copyOf(hosts));
    }

    boolean isIn(String text) {
        return placeholders.stream().anyMatch(text::contains);
    }

    boolean goesTo(Destination destination) {
        return hosts.stream().anyMatch(host -> host.port() == destination.port() && host.leadsTo(destination));
    }
}
