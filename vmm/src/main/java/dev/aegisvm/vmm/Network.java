package dev.aegisvm.vmm;

import module java.base;

/** A guest's way to the outside: something on the host that a VM's network device connects to. */
public interface Network {
    /** What the guest of every VM sets on its interface. Each guest is alone on its network, so all have the same. */
    Addresses addresses();

    /** The socket that the VM's network device connects to. It may appear after the VM has started. */
    Path socket(Path runDirectory);

    /** Brings up the network of one VM, and returns when its {@link #socket} listens. */
    Link open(Path runDirectory) throws VmmException;

    String name();

    /** The names of the processes that it starts on the host. */
    Set<String> processNames();

    /** Whether the sockets of VMs have to be below {@code /tmp} on this host. */
    boolean socketsBelowTmp(Path root);

    /** What it needs of the host, and whether that is there. */
    List<Finding> check(Path root);

    /** The network of one VM while it is up. */
    interface Link extends AutoCloseable {
        /** Completes, never exceptionally, as soon as it is down, for whatever reason. */
        CompletableFuture<Void> exit();

        /** Takes it down. Can be called again. */
        @Override
        void close();
    }

    /**
     * The addresses of a guest.
     *
     * @param address IPv4 address with prefix length, such as {@code 10.0.2.15/24}
     * @param gateway IPv4 address of the default route
     */
    record Addresses(String address, String gateway, List<String> dns) {
        public Addresses {
            dns = List.copyOf(dns);
        }
    }
}
