package dev.aegisvm.host;

import module java.base;

/**
 * What untrusted JSON has in it, found before a parser sees it: so that cannot be driven into deep recursion, into
 * arithmetic on giant numbers, or into many objects for few bytes. The parser judges the grammar, but leniently: it
 * skips quotes where a number could be. So what could be a string for one and not for the other is malformed here.
 *
 * @param depth how deep arrays and objects are nested
 * @param values how many there are, at most
 * @param hasNull whether an array that is nested less than 64 deep has a null in it
 * @param hasOddNumber whether a number is no whole one of at most 19 characters, which fits a long
 * @param isMalformed whether strings, brackets or colons are where they may not be, a string has no end, or the bytes
 *     are no UTF-8; what follows then is not looked at. What is nested deeper than 64 may count as malformed
 */
public record JsonShape(int depth, int values, boolean hasNull, boolean hasOddNumber, boolean isMalformed) {
    private static final int LONGEST_NUMBER = 19;

    public static JsonShape of(byte[] json) {
        int depth = 0;
        int deepest = 0;
        int values = 0;
        boolean hasNull = false;
        boolean hasOddNumber = false;
        // A bit for each level: whether it is an array.
        long arrays = 0;
        byte before = ','; // the last byte that is no white space; it all begins as if behind a comma
        boolean fits = isUtf8(json);
        int at = 0;
        while (at < json.length && fits) {
            int end = at + 1;
            fits = fits(before, json[at], depth > 0, (arrays & 1) == 1);
            before = json[at] > ' ' ? json[at] : before;
            switch (json[at]) {
                case '"' -> end = endOfString(json, at);
                case '{', '[' -> {
                    arrays = arrays << 1 | (json[at] == '[' ? 1 : 0);
                    depth++;
                    deepest = Math.max(deepest, depth);
                    values++;
                }
                case '}', ']' -> {
                    arrays >>>= 1;
                    depth--;
                }
                case ',' -> values++;
                case 'n' -> hasNull |= (arrays & 1) == 1; // of all words only null has an n
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
                    end = endOfNumber(json, at);
                    hasOddNumber |= end - at > LONGEST_NUMBER
                            || (end < json.length && (json[end] == '.' || json[end] == 'e' || json[end] == 'E'));
                }
                default -> {}
            }
            at = end;
        }
        return new JsonShape(deepest, values, hasNull, hasOddNumber, !fits || at > json.length);
    }

    /** Whether a byte may be there, outside of strings, as far as where strings begin and arrays end depends on it. */
    private static boolean fits(byte before, byte next, boolean inside, boolean inArray) {
        return switch (next) {
            case '"', '{', '[' -> before == ',' || before == ':' || before == '[' || before == '{';
            case ':' -> before == '"';
            case '}' -> inside && !inArray;
            case ']' -> inArray;
            case ' ', '\t', '\n', '\r' -> true;
            default -> next > ' ';
        };
    }

    private static boolean isUtf8(byte[] json) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
            return true;
        } catch (CharacterCodingException other) {
            return false;
        }
    }

    /** The place after the closing quote; beyond the end where there is none. */
    private static int endOfString(byte[] json, int quote) {
        int at = quote + 1;
        while (at < json.length && json[at] != '"') {
            at += json[at] == '\\' ? 2 : 1;
        }
        return at < json.length ? at + 1 : json.length + 1;
    }

    /** The place after the last digit. */
    private static int endOfNumber(byte[] json, int start) {
        int at = start + 1;
        while (at < json.length && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
        return at;
    }
}
