package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;

/** An instance whose guest opens connections, as the gateway finds it. */
public interface Caller extends Reachable {
    /** What its guest may reach, as of now. */
    Egress egress();

    /**
     * Connects to a port of another instance, which wakes it.
     *
     * @param instance its id or handle
     * @return our end; at the other one is a client of that port
     * @throws dev.aegisvm.api.ApiException when it does not accept that; the message says why, and what to do
     */
    SocketChannel connect(String instance, int guestPort) throws IOException;
}
