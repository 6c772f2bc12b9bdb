package dev.aegisvm.guest.protocol;

/** The six kinds of frame, with what their headers may say. */
enum FrameType {
    HELLO(1, 28, 28),
    CONTROL(2, 0, Frame.MAX_PAYLOAD),
    DATA(3, 1, Frame.MAX_PAYLOAD),
    CREDIT(4, 4, 4),
    EOF(5, 0, 0),
    RESET(6, 4, 4);

    private static final FrameType[] BY_CODE = {null, HELLO, CONTROL, DATA, CREDIT, EOF, RESET};

    private final int code;
    private final int shortest;
    private final int longest;

    FrameType(int code, int shortest, int longest) {
        this.code = code;
        this.shortest = shortest;
        this.longest = longest;
    }

    static FrameType of(int code) throws ProtocolViolation {
        if (code < 1 || code >= BY_CODE.length) {
            throw new ProtocolViolation("unknown frame type " + code);
        }
        return BY_CODE[code];
    }

    byte code() {
        return (byte) code;
    }

    /** Checks a header as far as it goes without the payload. */
    void check(int flags, int length, long stream) throws ProtocolViolation {
        int known = switch (this) {
            case CONTROL -> Frame.MORE;
            case HELLO, DATA, CREDIT, EOF, RESET -> 0;
        };
        if ((flags & ~known) != 0) {
            throw new ProtocolViolation(this + " frame with unknown flags " + flags);
        }
        if (length < shortest || length > longest) {
            throw new ProtocolViolation(this + " frame with a payload of " + length + " bytes");
        }
        boolean fits = switch (this) {
            case HELLO, CONTROL -> stream == 0;
            case DATA, EOF, RESET -> stream != 0;
            case CREDIT -> true;
        };
        if (!fits) {
            throw new ProtocolViolation(this + " frame on stream " + stream);
        }
    }
}
