package dev.aegisvm.gateway.dial;

import java.nio.channels.SocketChannel;

/** What became of a guest's wish to connect. */
public sealed interface Dialled {
    /** A connection, in blocking mode; who relays it closes both. */
    record Opened(SocketChannel channel, Passage passage) implements Dialled {}

    /** To a port of another instance, which the one who relays opens. */
    record ToInstance(String instance, int port, Passage passage) implements Dialled {}

    record Refused(Refusal refusal) implements Dialled {}

    /** It was let pass, and there is no answer; the sentence says from which host. */
    record Failed(String sentence) implements Dialled {}
}
