package dev.aegisvm.host;

import module java.base;

/**
 * What untrusted JSON has in it, found before a parser sees it: so that cannot be driven into deep recursion, into
 * arithmetic on giant numbers, or into many objects for few bytes. The parser judges the grammar.
 *
 * @param depth how deep arrays and objects are nested
 * @param values how many there are, at most
 * @param hasNull whether an array that is nested less than 64 deep has a null in it
 * @param hasOddNumber whether a number is no whole one of at most 19 characters, which fits a long
 * @param isCut whether a string has no end
 */
public record JsonShape(int depth, int values, boolean hasNull, boolean hasOddNumber, boolean isCut) {
    private static final int LONGEST_NUMBER = 19;

    public static JsonShape of(byte[] json) {
        int depth = 0;
        int deepest = 0;
        int values = 0;
        boolean hasNull = false;
        boolean hasOddNumber = false;
        // A bit for each level: whether it is an array.
        long arrays = 0;
        int at = 0;
        while (at < json.length) {
            int end = at + 1;
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
        return new JsonShape(deepest, values, hasNull, hasOddNumber, at > json.length);
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
