package dev.aegisvm.vmm;

import dev.aegisvm.host.ProcessIdentity;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One virtual machine, from its start to the end of its process. Safe for use by several threads. */
public interface Vm {
    /** The VM's process, for the registry: after a crash of the daemon it is ended by this identity. */
    ProcessIdentity process();

    /** The blocking byte channel to the harness. The caller does the handshake; {@link #kill} closes it. */
    ByteChannel channel();

    /** Whether the guest came up with its root file system mounted already (restored from such a template). */
    boolean rootMounted();

    /** How it started: {@code spare}, {@code template}, {@code template-bare} or {@code cold}. */
    BootMode bootMode();

    /** Why it did not start the fastest way, in one sentence; empty when it did. */
    Optional<String> fallbackReason();

    /** How long each stage of the start took, in order. */
    Map<String, Duration> stages();

    /** The addresses the guest has to use; empty when the VM has no network. */
    Optional<NetworkConfig> network();

    /**
     * Says that the guest did not come up right from the template it was restored from: the template is thrown away, and
     * the next start boots the kernel. Does nothing for a VM that came another way.
     */
    void distrustTemplate(String reason);

    /** Freezes the VM's process (SIGSTOP). It uses no CPU until {@link #resume}. */
    void pause() throws VmmException;

    /** Lets the VM's process go on (SIGCONT). */
    void resume() throws VmmException;

    /** Ends the VM's process at once (SIGKILL) and frees its sockets and helper processes. Can be called again. */
    void kill();

    /** Completes, never exceptionally, as soon as the VM's process has ended for whatever reason. */
    CompletableFuture<VmExit> exit();
}
