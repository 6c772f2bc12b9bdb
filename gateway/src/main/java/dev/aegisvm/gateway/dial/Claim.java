package dev.aegisvm.gateway.dial;

/** What a client's first bytes say about whom it means. */
sealed interface Claim {
    /** Of a request's head, or of a TLS greeting with its records; after so many bytes no more are awaited. */
    int LONGEST = 16_384;

    /** More bytes are needed to say. */
    record Unfinished() implements Claim {}

    /** Neither TLS nor HTTP, or HTTP without a host. */
    record None() implements Claim {}

    /** The host that TLS or HTTP names, as it is written there. */
    record Host(String name) implements Claim {}

    /**
     * TLS or HTTP whose host cannot be told for certain.
     *
     * @param why the end of a sentence that begins with "the connection"
     */
    record Unreadable(String why) implements Claim {}
}
