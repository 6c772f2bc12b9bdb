package dev.aegisvm.guest.protocol;

import module java.base;

/** Looks for the answer to a HELLO and drops all bytes before it, which are for an earlier host. */
final class HelloSearch {
    /** More than one HELLO has. */
    private static final int HELLO = 64;

    private final byte[] wanted;
    private final byte[] latest;

    HelloSearch(UUID nonce) {
        ByteBuffer pattern = ByteBuffer.allocate(HELLO);
        new Frame.Hello(nonce).encode(pattern);
        wanted = Arrays.copyOf(pattern.array(), pattern.position());
        latest = new byte[wanted.length];
    }

    /** Takes bytes up to and with the HELLO, or all of them; true when the HELLO went by. */
    boolean takeFrom(ByteBuffer in) {
        boolean found = false;
        while (in.hasRemaining() && !found) {
            System.arraycopy(latest, 1, latest, 0, latest.length - 1);
            latest[latest.length - 1] = in.get();
            found = Arrays.equals(latest, wanted);
        }
        return found;
    }
}
