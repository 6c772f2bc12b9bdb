package dev.aegisvm.api;

import module java.base;

/** For how long something may be idle: whole seconds, 1 s to {@value #MAX_DAYS} days; empty: for ever. */
public record IdleTimeout(Optional<Duration> limit) {
    public static final IdleTimeout NEVER = new IdleTimeout(Optional.empty());

    private static final String WORD = "never";
    private static final long MAX_DAYS = 365;

    public static IdleTimeout of(Duration limit) {
        return new IdleTimeout(Optional.of(limit));
    }

    /**
     * Reads {@code never}, or a duration such as {@code 90s}, {@code 5m}, {@code 2h}; {@code what} names it in the
     * refusal.
     */
    public static IdleTimeout parse(String what, String text) {
        return read(text)
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                        what + " must be 'never' or 1s to " + MAX_DAYS + "d, not '" + text + "'",
                        "for example 90s, 5m or 2h"));
    }

    /** Reads one; empty when the text is none. */
    public static Optional<IdleTimeout> read(String text) {
        if (text.equals(WORD)) {
            return Optional.of(NEVER);
        }
        return LooseDuration.read(text)
                .filter(limit -> limit.isPositive() && limit.compareTo(Duration.ofDays(MAX_DAYS)) <= 0)
                .map(IdleTimeout::of);
    }

    public boolean isNever() {
        return limit.isEmpty();
    }

    /** As {@link #parse} reads it. */
    public String text() {
        return limit.map(LooseDuration::text).orElse(WORD);
    }
}
