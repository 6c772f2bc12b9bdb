package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people type them: a number and one of {@code d}, {@code h}, {@code m}, {@code s}. */
final class LooseDuration {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})([dhms])");

    private LooseDuration() {}

    /**
     * Reads one.
     *
     * @param what names it in the refusal
     */
    static Duration parse(String what, String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, what + " is a number and d, h, m or s, for example 7d", "for example 12h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "d" -> Duration.ofDays(number);
            case "h" -> Duration.ofHours(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }
}
