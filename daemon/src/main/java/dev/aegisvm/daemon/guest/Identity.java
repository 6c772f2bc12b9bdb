package dev.aegisvm.daemon.guest;

import dev.aegisvm.vmm.Network;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What makes a guest this one, given to it after each boot or restore. The session adds fresh entropy and the wall clock, so
 * that two guests of one template share nothing.
 *
 * @param hostname also written to /etc/hostname and /etc/hosts
 * @param machineId 32 lower-case hex digits
 * @param network absent: the guest has no egress
 * @param hosts further lines for /etc/hosts
 */
public record Identity(String hostname, String machineId, Optional<Nic> network, Optional<String> hosts) {
    private static final int MACHINE_ID_BYTES = 16;

    public Identity {
        if (!machineId.matches("[0-9a-f]{32}")) {
            throw new IllegalArgumentException("a machine id has 32 hex digits");
        }
    }

    /** A machine id for a new instance. */
    public static String newMachineId(SecureRandom random) {
        byte[] id = new byte[MACHINE_ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /**
     * The guest's network interface.
     *
     * @param networkInterface its name, such as {@code eth0}
     * @param mac absent: the one it has stays
     * @param address with prefix length, such as {@code 10.0.2.15/24}
     * @param gateway the address of the default route
     * @param dns resolvers, written to /etc/resolv.conf
     */
    public record Nic(String networkInterface, Optional<String> mac, String address, String gateway, List<String> dns) {
        public Nic {
            dns = List.copyOf(dns);
        }

        /** The only interface that a guest of ours has. */
        public static Nic eth0(Network.Addresses config) {
            return new Nic("eth0", Optional.empty(), config.address(), config.gateway(), config.dns());
        }
    }
}
