package dev.aegisvm.vmm;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;

/** A guest's way to the outside: something on the host that a VM's network device connects to. */
public interface Network {
    /** What the guest of every VM sets on its interface. Each guest is alone on its network, so all have the same. */
    Addresses addresses();

    /** The socket that the VM's network device connects to. It may appear after the VM has started. */
    Path socket(Path runDirectory);

    /** Brings up the network of one VM, and returns when its {@link #socket} listens. */
    Link open(Path runDirectory) throws VmmException;

    /** The name of the process that it starts on the host for each VM. */
    String name();

    /**
     * The network of one VM while it is up.
     *
     * @param exit completes, never exceptionally, as soon as it is down, for whatever reason
     */
    record Link(ProcessIdentity process, CompletableFuture<Void> exit) {}

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
