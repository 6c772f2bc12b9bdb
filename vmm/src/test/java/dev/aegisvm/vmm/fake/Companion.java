package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;

/** A process that does nothing, and looks to the host like one that works with a file. */
public final class Companion {
    private final Process process;
    private final ProcessIdentity identity;

    private Companion(Process process) throws IOException {
        this.process = process;
        this.identity = ProcessIdentity.of(process.pid());
    }

    /** Starts one; it outlives us, as a VM would. */
    public static Companion start(String name, Path worksWith) throws IOException {
        // The shell says when its end as a shell has come: from then on, the process has the name.
        Process process = new ProcessBuilder(
                        "bash", "-c", "exec -a \"$0\" tail --retry --follow=name \"$1\"", name, worksWith.toString())
                .redirectErrorStream(true)
                .start();
        // tail says that the file is not there.
        process.getInputStream().read();
        return new Companion(process);
    }

    public ProcessIdentity identity() {
        return identity;
    }

    public Process process() {
        return process;
    }

    void freeze() {
        identity.kill(Posix.SIGSTOP);
    }

    void thaw() {
        identity.kill(Posix.SIGCONT);
    }

    /** Ends it at once. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }
}
