package dev.aegisvm.guest.protocol;

import java.nio.ByteBuffer;

/**
 * Looks for the answer to a HELLO and drops all bytes before it: what an earlier host of this guest left on its way.
 *
 * <p>A Knuth-Morris-Pratt search, so no byte is looked at twice and none is kept.
 */
final class HelloSearch {
    private final byte[] wanted;
    private final int[] fallback;
    private int matched;

    HelloSearch(Nonce nonce) {
        ByteBuffer pattern = ByteBuffer.allocate(FrameCodec.size(new Frame.Hello(nonce)));
        FrameCodec.encode(new Frame.Hello(nonce), pattern);
        wanted = pattern.array();
        fallback = fallbacks(wanted);
    }

    /** Takes bytes up to and with the HELLO, or all of them; true once the HELLO went by. */
    boolean takeFrom(ByteBuffer in) {
        while (in.hasRemaining() && matched < wanted.length) {
            byte next = in.get();
            while (matched > 0 && wanted[matched] != next) {
                matched = fallback[matched - 1];
            }
            matched += wanted[matched] == next ? 1 : 0;
        }
        return matched == wanted.length;
    }

    private static int[] fallbacks(byte[] pattern) {
        int[] result = new int[pattern.length];
        int length = 0;
        for (int i = 1; i < pattern.length; i++) {
            while (length > 0 && pattern[i] != pattern[length]) {
                length = result[length - 1];
            }
            length += pattern[i] == pattern[length] ? 1 : 0;
            result[i] = length;
        }
        return result;
    }
}
