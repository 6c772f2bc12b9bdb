package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.instance.PublicPorts.Reachable;

/** An instance whose guest opens connections, as the gateway finds it. */
public interface Caller extends Reachable {
    /** What its guest may reach, as of now. */
    Egress egress();

    /**
     * The port of the host that leads to a port of another instance.
     *
     * @throws dev.aegisvm.api.ApiException when there is none; the message says why
     */
    int portOf(String instance, int guestPort);
}
