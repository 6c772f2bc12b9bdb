package dev.aegisvm.guest.protocol;

/** Why a stream is over in both directions before both had their end. */
enum ResetReason {
    CANCELLED,
    REFUSED,
    PROTOCOL,
    INTERNAL;

    private static final ResetReason[] BY_CODE = values();

    static ResetReason of(long code) throws ProtocolViolation {
        if (code < 0 || code >= BY_CODE.length) {
            throw new ProtocolViolation("RESET frame with unknown reason " + code);
        }
        return BY_CODE[(int) code];
    }

    @SuppressWarnings("EnumOrdinal") // the order is the wire's
    int code() {
        return ordinal();
    }
}
