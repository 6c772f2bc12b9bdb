package dev.aegisvm.gateway.dial;

import module java.base;

/**
 * The head of an HTTP/1 request, read strictly: where two servers could differ about the host that is meant, none is
 * taken. Each character is a byte.
 */
final class HttpHead {
    /** What servers take for a method, after empty lines that they skip; or the beginning of it. */
    private static final Pattern BEGINNING = Pattern.compile(
            "[\\r\\n\\t ]*+(?:\\z|" + HttpFields.TOKEN + "(?:\\z|[ \\t]++(?:\\z|[^\\x00-\\x1f\\x7f])))");
    /** What only some take for blanks. */
    private static final String SPACES = "(?:[\\x00\\t\\x0b\\f\\x1c-\\x20\\x85\\xa0]|\\r(?!\\n))++";
    /** A first line that only some take for one of HTTP. */
    private static final Pattern ODD = Pattern.compile("[\\x00\\t-\\r\\x1c-\\x20\\x85\\xa0]*+\"?" + HttpFields.TOKEN
            + "\"?" + SPACES + "[^\\x00-\\x20\\x7f\\x85\\xa0]++" + SPACES + "\"?(?i:HTTP)/");
    /** A client of git's own protocol, whose line has no end. */
    private static final Pattern GIT = Pattern.compile("[0-9a-f]{4}git-(?:upload|receive)-(?:pack|archive) ");

    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
    private static final Pattern VERSION = Pattern.compile("(?i:HTTP)/[0-9.]*");
    private static final Pattern TARGET = Pattern.compile("[^\\x00-\\x20\\x7f\\x85\\xa0]+");
    private static final Pattern EDGES = Pattern.compile("^[ \\t]+|[ \\t\\r]+\\z");
    private static final Pattern END = Pattern.compile("\\n\\r?\\n");
    private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?|wss?)://([^/?#]*+).*");
    private static final Pattern AUTHORITY = Pattern.compile("([A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+])(?::\\d*)?");

    private static final Claim MALFORMED = new Claim.Unreadable("has malformed HTTP");

    private HttpHead() {}

    @SuppressWarnings("JdkObsolete") // What comes in pieces is what hitEnd() is for.
    static Claim read(CharSequence bytes) {
        if (!BEGINNING.matcher(bytes).lookingAt()) {
            Matcher odd = ODD.matcher(bytes);
            return odd.lookingAt() ? MALFORMED : odd.hitEnd() ? new Claim.Unfinished() : new Claim.None();
        }
        String text = bytes.toString().stripLeading();
        int line = text.indexOf('\n');
        if (GIT.matcher(text).lookingAt()) {
            return new Claim.None();
        }
        if (line < 0) {
            return new Claim.Unfinished();
        }
        String[] words = words(text.substring(0, line));
        if (isRequest(words)) {
            return head(words, text, line, bytes.length() - text.length());
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
                && TARGET.matcher(words[1]).matches()
                && VERSION.matcher(words[2]).matches();
    }

    private static String[] words(String line) {
        return BLANKS.split(EDGES.matcher(line).replaceAll(""), -1);
    }

    private static Claim head(String[] request, String text, int line, int skipped) {
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
        List<HttpFields.Field> fields = new ArrayList<>();
        for (String header : head.substring(line + 1).split("\r?\n", -1)) {
            Optional<HttpFields.Field> field = HttpFields.Field.read(header);
            if (!header.isEmpty() && field.isEmpty()) {
                return MALFORMED;
            }
            field.ifPresent(fields::add);
        }
        return together(request, new HttpFields(fields), skipped + end.end());
    }

    private static Claim together(String[] request, HttpFields fields, int end) {
        OptionalLong length = fields.bodyLength();
        boolean chunked = fields.has(HttpFields.TRANSFER_ENCODING);
        if (length.isEmpty() || (chunked && !request[2].endsWith("/1.1"))) {
            return new Claim.Unreadable("has an HTTP request of unclear length");
        }
        List<String> named = fields.values("host");
        Set<Claim> hosts = named.stream().map(HttpHead::host).collect(Collectors.toCollection(LinkedHashSet::new));
        Optional<Claim> target = request[0].equals("CONNECT") ? Optional.of(host(request[1])) : absolute(request);
        target.ifPresent(hosts::add);
        if (hosts.size() > 1 || named.size() > 1) {
            return new Claim.Unreadable("has an HTTP request that names two hosts");
        }
        Claim host = hosts.stream().findFirst().orElse(new Claim.None());
        boolean doubtful = length.getAsLong() > 0 && !HttpFields.isRead(request[0]);
        String grant = request[0].equals("CONNECT") ? "2.." : fields.has("upgrade") ? "101" : "";
        return new Claim.Request(host, end, length.getAsLong(), doubtful, grant);
    }

    /** The host in a target that is a whole URL. */
    private static Optional<Claim> absolute(String[] request) {
        Matcher target = ABSOLUTE.matcher(request.length > 1 ? request[1] : "");
        return target.matches() ? Optional.of(host(target.group(1))) : Optional.empty();
    }

    private static Claim host(String authority) {
        Matcher host = AUTHORITY.matcher(authority);
        return host.matches()
                ? new Claim.Host(host.group(1))
                : new Claim.Unreadable("has an HTTP request with an invalid host name");
    }
}
