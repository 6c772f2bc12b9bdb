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
     * A head of HTTP.
     *
     * @param host that it names, or none
     * @param end of its bytes
     * @param length of the body that follows, as {@link HttpBody} takes it
     * @param doubtful whether a server may not read that, and take it for the next request
     * @param grant status by which a server goes on with another protocol
     */
    record Request(Claim host, int end, long length, boolean doubtful, String grant) implements Claim {}

    /**
     * HTTP whose host cannot be told for certain.
     *
     * @param why the end of a sentence that begins with "the connection"
     */
    record Unreadable(String why) implements Claim {}

    /** TLS whose host cannot be told for certain; otherwise as {@link Unreadable}. */
    record Hidden(String why) implements Claim {}
}
