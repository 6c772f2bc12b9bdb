package dev.aegisvm.guest.protocol;

import module java.base;

/**
 * What a guest's JSON must keep to before a parser sees it: valid UTF-8, little nesting, whole numbers that fit a long.
 *
 * <p>So the parser behind it cannot be driven into deep recursion or into arithmetic on giant numbers.
 */
final class JsonBounds {
    static final int MAX_DEPTH = 16;
    private static final int MAX_DIGITS = 19;

    private JsonBounds() {}

    static void check(byte[] json) throws ProtocolViolation {
        checkUtf8(json);
        int depth = 0;
        int at = 0;
        while (at < json.length) {
            byte c = json[at];
            switch (c) {
                case '"' -> at = endOfString(json, at);
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> at = endOfNumber(json, at);
                default -> {} // The parser judges the grammar.
            }
            if (depth > MAX_DEPTH) {
                throw new ProtocolViolation("a control message nested deeper than " + MAX_DEPTH);
            }
            at++;
        }
    }

    private static void checkUtf8(byte[] json) throws ProtocolViolation {
        try {
            // The decoder of newDecoder reports what is malformed.
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
        } catch (CharacterCodingException e) {
            throw new ProtocolViolation("a control message that is not UTF-8", e);
        }
    }

    /** The place of the closing quote. */
    private static int endOfString(byte[] json, int quote) throws ProtocolViolation {
        for (int at = quote + 1; at < json.length; at++) {
            if (json[at] == '\\') {
                at++;
            } else if (json[at] == '"') {
                return at;
            }
        }
        throw new ProtocolViolation("a control message with an unfinished string");
    }

    /** The place of the last digit. */
    private static int endOfNumber(byte[] json, int start) throws ProtocolViolation {
        int at = start + 1;
        while (at < json.length && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
        boolean whole = at == json.length || (json[at] != '.' && json[at] != 'e' && json[at] != 'E');
        if (!whole || at - start > MAX_DIGITS) {
            throw new ProtocolViolation("a control message with a number that is not a short whole number");
        }
        return at - 1;
    }
}
