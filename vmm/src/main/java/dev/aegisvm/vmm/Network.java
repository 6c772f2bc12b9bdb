package dev.aegisvm.vmm;

import module java.base;

/**
 * What the guest of a VM with a network sets on its interface. Each guest is alone on its network, so all have the
 * same.
 *
 * @param address IPv4 address with prefix length, such as {@code 10.0.2.15/24}
 * @param gateway IPv4 address of the default route
 */
public record Network(String address, String gateway, List<String> dns) {
    public Network {
        dns = List.copyOf(dns);
    }
}
