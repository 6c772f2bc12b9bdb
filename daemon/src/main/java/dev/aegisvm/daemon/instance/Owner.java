package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.logs.InstanceLog;
import java.time.Duration;

/** Who gets the output and the end of a main process: the client of a {@code run}, or nobody beside the log. */
public interface Owner {
    /** The main process started: its output goes to the log and to the client from now on. */
    Output started(GuestProcess main, InstanceLog log);

    /** Tells the client something in one line. */
    void note(String line);

    /** The main process ended, and all its output has been passed on. */
    void exited(ProcessExit exit);

    /** There will be no exit: the boot failed, the VM ended, or the instance was deleted. Ignored after {@link #exited}. */
    void failed(ErrorCode code, String reason);

    /** The output of a main process. */
    @FunctionalInterface
    interface Output {
        /** Waits until all of it has been passed on; false when that takes longer. */
        boolean await(Duration limit) throws InterruptedException;
    }
}
