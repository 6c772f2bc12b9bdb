package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.dial.HttpFields.Field;
import dev.aegisvm.gateway.intercept.HttpInput.Malformed;
import dev.aegisvm.gateway.policy.HostName;

/**
 * The head of an HTTP/1.1 request. It is taken only if no two servers can differ about where it ends, how long the body
 * is, and which host is meant: else a value could be put where one of them sees something else than a header. Each
 * character is a byte.
 *
 * @param line the first one
 */
record RequestHead(String line, HttpFields fields) {
    private static final int LONGEST = 32 * 1024;
    private static final int MOST_FIELDS = 128;
    private static final Pattern LINE =
            Pattern.compile("([A-Z][A-Z-]{0,31}) (?:/[\\x21\\x22\\x24-\\x7e\\x80-\\xff]*+|\\*) HTTP/1\\.1");
    /** Methods whose answer repeats the request, or after which it is none. */
    private static final Set<String> REFUSED = Set.of("TRACE", "TRACK", "CONNECT");

    private static final String HOST = "host";
    private static final String CONNECTION = "connection";
    private static final String EXPECT = "expect";
    private static final String CONTINUE = "100-continue";
    private static final Set<String> DECISIVE = Set.of(HOST, HttpFields.CONTENT_LENGTH, HttpFields.TRANSFER_ENCODING);

    /** Reads one that passes {@link #check}; nothing where there are no more. */
    static Optional<RequestHead> read(HttpInput in, String host, int port) throws IOException {
        if (!in.more()) {
            return Optional.empty();
        }
        String line = in.line(LONGEST);
        int left = LONGEST - line.length();
        List<Field> fields = new ArrayList<>();
        for (String next = in.line(left); !next.isEmpty(); next = in.line(left)) {
            left -= next.length();
            fields.add(field(next));
            if (fields.size() > MOST_FIELDS || left < 0) {
                throw new Malformed("has too many headers");
            }
        }
        RequestHead head = new RequestHead(line, new HttpFields(fields));
        head.check(host, port);
        return Optional.of(head);
    }

    private static Field field(String line) throws Malformed {
        Field field = Field.read(line).orElseThrow(() -> new Malformed("has a header that is malformed"));
        // As servers see it that make a variable of it.
        String plain = field.name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (!field.is(plain) && DECISIVE.contains(plain)) {
            throw new Malformed("has a header that some servers read as " + plain);
        }
        return field;
    }

    /** Throws when it can be read in more than one way, or is not for this host, in the form of {@link HostName}. */
    private void check(String host, int port) throws Malformed {
        Matcher words = LINE.matcher(line);
        if (!words.matches()) {
            throw new Malformed(
                    line.startsWith("PRI ")
                            ? "is HTTP/2, but secrets are only inserted into HTTP/1.1 (curl --http1.1)"
                            : "is not an HTTP/1.1 request for a path");
        }
        if (REFUSED.contains(words.group(1))) {
            throw new Malformed("is a " + words.group(1));
        }
        String named = one(HOST).orElse("");
        String name = named.endsWith(":" + port) ? named.substring(0, named.lastIndexOf(':')) : named;
        if (!HostName.normal(name).equals(Optional.of(host))) {
            throw new Malformed("has another host in its Host header");
        }
        var _ = one(HttpFields.CONTENT_LENGTH);
        var _ = one(HttpFields.TRANSFER_ENCODING);
        if (fields.bodyLength().isEmpty()) {
            throw new Malformed("has an unclear length");
        }
        if (one(EXPECT).filter(wanted -> !wanted.equalsIgnoreCase(CONTINUE)).isPresent()) {
            throw new Malformed("has an Expect header other than " + CONTINUE);
        }
        checkConnection();
    }

    /** What is named there, servers take away before they look at the rest. */
    private void checkConnection() throws Malformed {
        boolean removes = fields.values(CONNECTION).stream()
                .flatMap(value -> Stream.of(value.toLowerCase(Locale.ROOT).split("[, \\t]+", -1)))
                .anyMatch(DECISIVE::contains);
        if (removes) {
            throw new Malformed("has a Connection header that removes another header");
        }
    }

    private Optional<String> one(String name) throws Malformed {
        List<String> found = fields.values(name);
        if (found.size() > 1) {
            throw new Malformed("has the header " + name + " twice");
        }
        return found.stream().findFirst();
    }

    /** Whether it asks for another protocol. */
    boolean upgrades() {
        return fields.has("upgrade");
    }

    /** Whether the client waits for a word before it sends the body. */
    boolean expects() {
        return fields.has(EXPECT);
    }

    /**
     * Whether it has a body that a server may not read, and take for the next request. Whatever followed on that
     * connection would then be read as a part of it, with the values in its headers.
     */
    boolean isLast() {
        return body() != 0 && !HttpFields.isRead(line.substring(0, line.indexOf(' ')));
    }

    /** The headers for the server: without {@code Expect}, and closing the connection after the last request. */
    List<Field> sent() {
        Stream<Field> kept = fields.all().stream().filter(field -> !field.is(EXPECT));
        return isLast()
                ? Stream.concat(
                                kept.filter(field -> !field.is(CONNECTION)),
                                Stream.of(new Field("Connection", "close")))
                        .toList()
                : kept.toList();
    }

    /** How long its body is, as {@link HttpBody} takes it. */
    long body() {
        return fields.bodyLength().orElseThrow();
    }
}
