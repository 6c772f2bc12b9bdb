package dev.aegisvm.gateway.dial;

import module java.base;

/**
 * The headers of an HTTP/1 request, and how long they say that its body is: read in one way, wherever requests are
 * looked at. Each character is a byte.
 */
public record HttpFields(List<Field> all) {
    static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN + "):([\\t\\x20-\\x7e\\x80-\\xff]*+)");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    public static final String CONTENT_LENGTH = "content-length";
    public static final String TRANSFER_ENCODING = "transfer-encoding";

    public record Field(String name, String value) {
        /** Reads a line without its end; empty where it is malformed. */
        public static Optional<Field> read(String line) {
            Matcher parts = FIELD.matcher(line);
            return parts.matches()
                    ? Optional.of(new Field(parts.group(1), parts.group(2).strip()))
                    : Optional.empty();
        }

        public boolean is(String wanted) {
            return name.equalsIgnoreCase(wanted);
        }
    }

    public List<String> values(String name) {
        return all.stream().filter(field -> field.is(name)).map(Field::value).toList();
    }

    public boolean has(String name) {
        return all.stream().anyMatch(field -> field.is(name));
    }

    /** In bytes, or {@link HttpBody#CHUNKED}; empty where two servers could differ about it. */
    public OptionalLong bodyLength() {
        List<String> lengths = values(CONTENT_LENGTH);
        List<String> codings = values(TRANSFER_ENCODING);
        boolean clear = lengths.size() + codings.size() <= 1
                && lengths.stream().allMatch(length -> LENGTH.matcher(length).matches())
                && codings.stream().allMatch(coding -> coding.equalsIgnoreCase("chunked"));
        if (!clear) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                codings.isEmpty() ? lengths.stream().mapToLong(Long::parseLong).sum() : HttpBody.CHUNKED);
    }

    /** Whether all servers read the body of a request with this method. */
    public static boolean isRead(String method) {
        return WITH_BODY.contains(method);
    }
}
