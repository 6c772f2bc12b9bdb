package dev.aegisvm.daemon.http;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.lang.System.Logger.Level;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Lets only the daemon's own user in. The modes of the socket and of its directory say the same; this holds even where
 * somebody changed them.
 */
final class PeerCheck {
    private static final System.Logger LOG = System.getLogger(PeerCheck.class.getName());

    private final UserPrincipal owner;

    PeerCheck(UserPrincipal owner) {
        this.owner = owner;
    }

    boolean admits(Channel channel) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        if (peer != null && peer.user().equals(owner)) {
            return true;
        }
        LOG.log(Level.WARNING, "a connection by " + (peer == null ? "somebody" : peer.user()) + " was refused");
        return false;
    }
}
