package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.daemon.instance.Egress;
import dev.aegisvm.gateway.dial.Proxy;
import dev.aegisvm.gateway.intercept.SystemTrust;
import dev.aegisvm.gateway.names.Upstream;
import dev.aegisvm.gateway.policy.*;

/**
 * What is around this host: which addresses are not of the world, who knows names, the proxy through which it is
 * reached, if there is one, what the names of presets stand for, and who may vouch for servers.
 */
public record World(Nearby nearby, Upstream upstream, Optional<Proxy> proxy, Presets presets, SystemTrust trust) {
    Policy policy(Egress egress) {
        return new Policy(egress.mode(), presets.filled(egress.allow()), presets.filled(egress.deny()), nearby);
    }
}
