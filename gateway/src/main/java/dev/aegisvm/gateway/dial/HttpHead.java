package dev.aegisvm.gateway.dial;

import module java.base;

/**
 * The head of an HTTP/1 request, read strictly: where two servers could differ about the host that is meant, none is taken. Each
 * character is a byte.
 */
final class HttpHead {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
    /** What servers take for a method, after empty lines that they skip; or the beginning of it. */
    private static final Pattern BEGINNING =
            Pattern.compile("[\\r\\n\\t ]*+(?:\\z|" + TOKEN + "(?:\\z|[ \\t]++(?:\\z|[^\\x00-\\x1f\\x7f])))");

    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
    private static final Pattern VERSION = Pattern.compile("(?i:HTTP)/[0-9.]*");
    private static final Pattern END = Pattern.compile("\\n\\r?\\n");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN + "):([^\\x00-\\x08\\x0a-\\x1f\\x7f]*+)");
    private static final Pattern ABSOLUTE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*+://([^/?#]*+).*");
    private static final Pattern PORT = Pattern.compile(":\\d*\\z");
    private static final Claim MALFORMED = new Claim.Unreadable("begins with HTTP that is malformed");

    private HttpHead() {}

    static Claim read(CharSequence bytes) {
        if (!BEGINNING.matcher(bytes).lookingAt()) {
            return new Claim.None();
        }
        String text = bytes.toString().stripLeading();
        int line = text.indexOf('\n');
        if (line < 0) {
            return new Claim.Unfinished();
        }
        String[] words = words(text.substring(0, line));
        if (isRequest(words)) {
            return head(words, text, line);
        }
        boolean almost = text.substring(0, line).toUpperCase(Locale.ROOT).contains("HTTP/");
        return almost ? MALFORMED : absolute(words).orElse(new Claim.None());
    }

    /** Whether it begins as a request of HTTP/1 does, as far as its first line. */
    static boolean isRequest(CharSequence bytes) {
        return isRequest(
                words(bytes.toString().stripLeading().lines().findFirst().orElse("")));
    }

    /** A version tells HTTP from other protocols in lines. */
    private static boolean isRequest(String[] words) {
        return words.length == 3
                && words[1].indexOf('\r') < 0
                && VERSION.matcher(words[2]).matches();
    }

    private static String[] words(String line) {
        return BLANKS.split(line.strip(), -1);
    }

    private static Claim head(String[] request, String text, int line) {
        Matcher end = END.matcher(text);
        if (!end.find(line)) {
            return new Claim.Unfinished();
        }
        if (request[0].equals("PRI")) {
            return new Claim.Unreadable("begins with HTTP/2 without TLS, whose host cannot be seen");
        }
        String head = text.substring(0, end.end());
        if (head.contains("\r\n") && head.replace("\r\n", "").contains("\n")) {
            return MALFORMED; // Lines that end in two ways end at different places for different servers.
        }
        List<Claim> hosts = new ArrayList<>();
        for (String header :
                text.substring(line + 1, Math.max(line + 1, end.start())).split("\n", -1)) {
            Matcher field = FIELD.matcher(header.endsWith("\r") ? header.substring(0, header.length() - 1) : header);
            if (!header.isEmpty() && !field.matches()) {
                return MALFORMED;
            }
            if (!header.isEmpty() && field.group(1).equalsIgnoreCase("host")) {
                hosts.add(host(field.group(2).strip()));
            }
        }
        return hosts.size() > 1
                ? new Claim.Unreadable("begins with HTTP that has two Host headers")
                : together(request, hosts);
    }

    private static Claim together(String[] request, List<Claim> header) {
        Set<Claim> hosts = new LinkedHashSet<>(header);
        Optional<Claim> target = request[0].equals("CONNECT") ? Optional.of(host(request[1])) : absolute(request);
        target.ifPresent(hosts::add);
        return switch (hosts.size()) {
            case 0 -> new Claim.None();
            case 1 -> hosts.iterator().next();
            default -> new Claim.Unreadable("begins with HTTP that names two hosts");
        };
    }

    /** The host in a target that is a whole URL. */
    private static Optional<Claim> absolute(String[] request) {
        Matcher target = ABSOLUTE.matcher(request.length > 1 ? request[1] : "");
        return target.matches() ? Optional.of(host(target.group(1))) : Optional.empty();
    }

    private static Claim host(String authority) {
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        return new Claim.Host(PORT.matcher(host).replaceFirst(""));
    }
}
