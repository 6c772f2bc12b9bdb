package dev.aegisvm.guest.protocol;

/** The ways in which bytes go on a stream, seen from the host. */
public enum Direction {
    TO_GUEST,
    FROM_GUEST,
    BOTH;

    boolean sends() {
        return this != FROM_GUEST;
    }

    boolean receives() {
        return this != TO_GUEST;
    }
}
