package dev.aegisvm.vmm;

import java.util.List;

/**
 * The addresses that a guest sets on its only network interface.
 *
 * @param address IPv4 address with prefix length, such as {@code 10.0.2.15/24}
 * @param gateway IPv4 address of the default route
 * @param dns IPv4 addresses of resolvers
 */
public record NetworkConfig(String address, String gateway, List<String> dns) {
    public NetworkConfig {
        dns = List.copyOf(dns);
    }
}
