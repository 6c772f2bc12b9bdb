package dev.aegisvm.api;

import module java.base;

/** Durations as users type them: at most 9 digits and one of {@code d}, {@code h}, {@code m}, {@code s}. */
public final class LooseDuration {
    private static final Pattern SHAPE = Pattern.compile("\\d{1,9}[dhms]");
    private static final Pattern MILLIS = Pattern.compile("(\\d{1,9})ms");

    private LooseDuration() {}

    /** Reads one; {@code what} names it in the refusal. */
    public static Duration parse(String what, String text) {
        return read(text)
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                        what + " must be a number followed by d, h, m or s, for example 7d", "for example 12h"));
    }

    /** Reads one; empty when the text is none. */
    public static Optional<Duration> read(String text) {
        return SHAPE.matcher(text).matches()
                ? Optional.of(Duration.parse((text.endsWith("d") ? "P" : "PT") + text))
                : Optional.empty();
    }

    /** Reads one, or milliseconds such as {@code 500ms}; empty when the text is neither. */
    public static Optional<Duration> fine(String text) {
        Matcher millis = MILLIS.matcher(text);
        return millis.matches() ? Optional.of(Duration.ofMillis(Long.parseLong(millis.group(1)))) : read(text);
    }

    /** Reads a time as in RFC 3339, or a duration: how long ago it is. Empty when the text is neither. */
    public static Optional<Instant> moment(String text) {
        try {
            return Optional.of(
                    text.indexOf('T') < 0 ? Instant.now().minus(read(text).orElseThrow()) : Instant.parse(text));
        } catch (NoSuchElementException | DateTimeException neither) {
            return Optional.empty();
        }
    }

    /** Writes whole seconds in the largest unit in which they are whole, as {@link #read} reads them. */
    public static String text(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return duration.toMinutes() + "m";
        }
        return duration.toHours() % 24 == 0 ? duration.toDays() + "d" : duration.toHours() + "h";
    }
}
