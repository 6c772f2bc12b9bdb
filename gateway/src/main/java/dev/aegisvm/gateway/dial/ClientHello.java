package dev.aegisvm.gateway.dial;

import module java.base;

/**
 * The first message of a TLS client (RFC 8446), which names the server (RFC 6066). It may be cut over several records
 * at any place.
 */
final class ClientHello {
    private static final int HANDSHAKE = 0x16;
    private static final int RECORD_HEAD = 5;
    private static final int LONGEST_RECORD = 1 << 14;
    private static final int CLIENT_HELLO = 1;
    private static final int MESSAGE_HEAD = 4;
    private static final int RANDOM = 32;
    private static final int SERVER_NAME = 0;
    private static final int HOST_NAME = 0;
    private static final Set<Integer> ENCRYPTED_NAMES = Set.of(0xfe0d, 0xffce);

    private ClientHello() {}

    /** From its first byte, a type of record. */
    static Claim read(ByteBuffer records) {
        ByteBuffer message = ByteBuffer.allocate(records.remaining());
        while (records.remaining() >= RECORD_HEAD) {
            int type = records.get();
            int major = records.get();
            records.get();
            int length = records.getShort() & 0xffff;
            if (type != HANDSHAKE || major != 3 || length == 0 || length > LONGEST_RECORD) {
                return new Claim.Hidden("begins with malformed TLS");
            }
            message.put(part(records, Math.min(length, records.remaining())));
            Claim claim = message(message.duplicate().flip());
            if (!(claim instanceof Claim.Unfinished)) {
                return claim;
            }
        }
        return new Claim.Unfinished();
    }

    private static Claim message(ByteBuffer message) {
        if (message.remaining() < MESSAGE_HEAD) {
            return new Claim.Unfinished();
        }
        int head = message.getInt();
        int length = head & 0xff_ffff;
        if (head >>> 24 != CLIENT_HELLO || length > Claim.LONGEST) {
            return new Claim.Hidden("begins with malformed TLS");
        }
        if (message.remaining() < length) {
            return new Claim.Unfinished();
        }
        try {
            return body(message.slice(message.position(), length));
        } catch (BufferUnderflowException | IndexOutOfBoundsException tooShort) {
            return new Claim.Hidden("begins with malformed TLS");
        }
    }

    private static Claim body(ByteBuffer body) {
        body.getShort();
        part(body, RANDOM);
        part(body, body.get() & 0xff); // the session
        part(body, body.getShort() & 0xffff); // cipher suites
        part(body, body.get() & 0xff); // compressions
        ByteBuffer extensions = part(body, body.hasRemaining() ? body.getShort() & 0xffff : 0);
        Map<Integer, ByteBuffer> found = new HashMap<>();
        while (extensions.hasRemaining()) {
            int type = extensions.getShort() & 0xffff;
            ByteBuffer content = part(extensions, extensions.getShort() & 0xffff);
            if (found.put(type, content) != null) {
                return new Claim.Hidden("begins with TLS that has an extension twice");
            }
        }
        if (!Collections.disjoint(found.keySet(), ENCRYPTED_NAMES)) {
            return new Claim.Hidden("begins with TLS that may hide another name (Encrypted Client Hello)");
        }
        ByteBuffer names = found.get(SERVER_NAME);
        return names == null ? new Claim.Hidden("begins with TLS that has no SNI name") : serverName(names);
    }

    private static Claim serverName(ByteBuffer extension) {
        ByteBuffer list = part(extension, extension.getShort() & 0xffff);
        int type = list.get();
        ByteBuffer name = part(list, list.getShort() & 0xffff);
        boolean single = type == HOST_NAME && !list.hasRemaining() && !extension.hasRemaining();
        return single
                ? new Claim.Host(StandardCharsets.ISO_8859_1.decode(name).toString())
                : new Claim.Hidden("begins with TLS that names several servers");
    }

    private static ByteBuffer part(ByteBuffer from, int length) {
        ByteBuffer part = from.slice(from.position(), length);
        from.position(from.position() + length);
        return part;
    }
}
