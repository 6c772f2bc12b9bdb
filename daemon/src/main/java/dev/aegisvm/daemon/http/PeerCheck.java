package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.host.Peer;
import io.netty.channel.Channel;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.socket.nio.NioChannelOption;
import java.lang.System.Logger.Level;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Lets only the daemon's own user in, and no process that the daemon started: a VM has nothing to ask. The modes of the socket
 * and of its directory, and the jail of VMs, say the same; this holds even where somebody changed the ones or a host lacks the other.
 */
record PeerCheck(UserPrincipal owner) {
    private static final System.Logger LOG = System.getLogger(PeerCheck.class.getName());

    boolean admits(Channel channel) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        String who = peer == null ? "somebody" : peer.user().toString();
        try {
            if (peer != null && peer.user().equals(owner)) {
                if (!Peer.isOurs(((NioUnsafe) channel.unsafe()).ch())) {
                    return true;
                }
                who = "a process that this daemon started";
            }
        } catch (IOException unknown) {
            LOG.log(Level.WARNING, "it cannot be told who connects", unknown);
        }
        LOG.log(Level.WARNING, "a connection by " + who + " was refused");
        return false;
    }
}
