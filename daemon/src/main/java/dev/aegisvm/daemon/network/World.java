package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.daemon.instance.Egress;
import dev.aegisvm.gateway.dial.Proxy;
import dev.aegisvm.gateway.intercept.SystemTrust;
import dev.aegisvm.gateway.names.Upstream;
import dev.aegisvm.gateway.policy.*;

/**
 * What is around this host.
 *
 * @param nearby which addresses are not of the world
 * @param upstream whom names are asked of
 * @param proxy through which the world is reached, where it is not reached without
 * @param presets what the names of presets stand for
 * @param trust who may vouch for servers of it
 */
public record World(Nearby nearby, Upstream upstream, Optional<Proxy> proxy, Presets presets, SystemTrust trust) {
    /** What decides what of it a guest may reach. */
    Policy policy(Egress egress) {
        return new Policy(egress.mode(), presets.filled(egress.allow()), presets.filled(egress.deny()), nearby);
    }
}
