package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.policy.*;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy through which the world is reached, as company networks have them.
 *
 * @param credentials {@code user:password}; empty for none
 * @param direct what is reached without it
 */
public record Proxy(String host, int port, String credentials, List<Predicate<Destination>> direct) {
    /** Instead of a URL: there is none, whatever the environment says. */
    private static final String NONE = "none";

    private static final int USUAL_PORT = 3128;
    private static final List<String> VARIABLES =
            List.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY");

    /** As programs find it in their environment, with what is reached without it unless that is given. */
    public static Optional<Proxy> of(Map<String, String> environment, Optional<String> direct) {
        return parse(
                first(environment, VARIABLES).orElse(NONE),
                direct.or(() -> first(environment, List.of("no_proxy", "NO_PROXY")))
                        .orElse(""));
    }

    private static Optional<String> first(Map<String, String> environment, List<String> names) {
        return names.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /**
     * Reads the two settings.
     *
     * @param url {@code http://[USER:PASSWORD@]HOST[:PORT]}, or {@code none}
     * @param direct hosts, {@code .host}, addresses and ranges with commas between them
     */
    public static Optional<Proxy> parse(String url, String direct) {
        if (url.equals(NONE)) {
            return Optional.empty();
        }
        URI uri;
        try {
            uri = new URI(url.contains("://") ? url : "http://" + url);
        } catch (URISyntaxException mistake) {
            throw wrong();
        }
        @Nullable String host = uri.getHost();
        if (!"http".equals(uri.getScheme()) || host == null) {
            throw wrong();
        }
        List<Predicate<Destination>> ways =
                Stream.of(direct.split("[,\\s]+", -1)).flatMap(Proxy::direct).toList();
        int port = uri.getPort() < 0 ? USUAL_PORT : uri.getPort();
        return Optional.of(new Proxy(host, port, Objects.requireNonNullElse(uri.getUserInfo(), ""), ways));
    }

    /** Does not repeat what was given: there may be a password in it. */
    private static PolicyException wrong() {
        return new PolicyException(
                "a proxy must be http://HOST:PORT or http://USER:PASSWORD@HOST:PORT; 'none' means no proxy");
    }

    /** A host with its subdomains, a range, or everything; other forms are ignored. */
    private static Stream<Predicate<Destination>> direct(String word) {
        if (word.equals("*")) {
            return Stream.of(_ -> true);
        }
        try {
            return Stream.of(new Rule.Range(Cidr.parse(word), Destination.SOME_PORT)::leadsTo);
        } catch (PolicyException noAddress) {
            return HostName.normal(word.replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", "")).stream()
                    .flatMap(name -> Stream.of(
                            new Rule.Host(name, false, Destination.SOME_PORT)::leadsTo,
                            new Rule.Host(name, true, Destination.SOME_PORT)::leadsTo));
        }
    }

    /** Whether a destination is reached through it; what is near never is. */
    public boolean serves(Destination destination) {
        return destination.isOutside() && direct.stream().noneMatch(way -> way.test(destination));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "http://" + host + ":" + port;
    }
}
