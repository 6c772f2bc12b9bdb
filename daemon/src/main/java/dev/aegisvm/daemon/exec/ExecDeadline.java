package dev.aegisvm.daemon.exec;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.daemon.guest.ExitStatus;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.guest.GuestProcess;
import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Kills all that an exec started when its time is over. */
final class ExecDeadline {
    private static final System.Logger LOG = System.getLogger(ExecDeadline.class.getName());
    private static final int SIGKILL = 9;

    private final GuestProcess process;
    private volatile boolean over;

    private ExecDeadline(GuestProcess process) {
        this.process = process;
    }

    /** Begins to count, where the request has a limit. */
    static ExecDeadline start(ExecRequest request, GuestProcess process) {
        ExecDeadline deadline = new ExecDeadline(process);
        Long millis = request.timeoutMs();
        if (millis != null) {
            Thread.ofVirtual().name("deadline-" + process.execId()).start(() -> deadline.await(millis));
        }
        return deadline;
    }

    private void await(long millis) {
        try {
            process.exit().get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            over = true;
            kill();
        } catch (ExecutionException vmGone) {
            LOG.log(Level.DEBUG, "exec=" + process.execId() + " ended with its VM");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void kill() {
        try {
            process.kill();
        } catch (GuestException gone) {
            LOG.log(Level.DEBUG, "exec=" + process.execId() + " is late and cannot be killed: " + gone.getMessage());
        }
    }

    /** Whether it was this that ended the process. */
    boolean killed(ExitStatus status) {
        return over && status.signal().orElse(0) == SIGKILL;
    }
}
