package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.instance.Decision.Circumstances;
import dev.aegisvm.daemon.instance.InstanceState.*;
import dev.aegisvm.vmm.VmmException;
import java.lang.System.Logger.Level;

/** How those who ask are told that it cannot be. */
public final class Answers {
    private static final System.Logger LOG = System.getLogger(Answers.class.getName());
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private Answers() {}

    public static String nameOf(InstanceRecord record) {
        return "instance '" + record.spec().hostname() + "'";
    }

    static ApiException refusal(ErrorCode code, Snapshot now, Circumstances circumstances) {
        if (code == ErrorCode.HOST_MEMORY_LOW && circumstances.shortage().isPresent()) {
            return shortage(now.record(), circumstances.shortage().get());
        }
        if (code == ErrorCode.UNSUPPORTED && circumstances.noPause().isPresent()) {
            VmmException lack = circumstances.noPause().get();
            return code.refusal(lack.getMessage(), lack.hint());
        }
        return refusal(code, now);
    }

    private static ApiException shortage(InstanceRecord record, VmWork.Shortage shortage) {
        String message = "the host is short of memory: " + nameOf(record) + " ("
                + record.spec().size().memoryMb() + " MB) needs "
                + shortage.needed() + " MB available to start, but there are "
                + shortage.available();
        LOG.log(Level.WARNING, message);
        return ErrorCode.HOST_MEMORY_LOW.refusal(
                message, "stop an instance ('aegis instance list --running'), or ask for less memory");
    }

    public static ApiException refusal(ErrorCode code, Snapshot now) {
        boolean awaitsClient =
                now.state() instanceof Stopped && now.record().spec().hasClient();
        String is =
                awaitsClient ? ": no client is attached" : " is " + now.state().word();
        String message = nameOf(now.record()) + is + crash(now);
        if (code == ErrorCode.NOT_FOUND) {
            return code.refusal(message);
        }
        if (awaitsClient) {
            return code.refusal(message, "delete it, or attach to it");
        }
        return code.refusal(
                message,
                code == ErrorCode.HANDLE_IN_USE
                        ? "stop it first to start it with changes, or choose another name"
                        : hint(now));
    }

    /** Why it is stopped, where its main process did that: a start with the same command may end in the same way. */
    private static String crash(Snapshot now) {
        return now.state() instanceof Stopped
                ? now.record()
                        .exitCode()
                        .map(code -> " (its main process exited with code " + code + "; its log has the output)")
                        .orElse("")
                : "";
    }

    private static String hint(Snapshot now) {
        return switch (now.state()) {
            case Stopped _ ->
                "start it with 'aegis instance start --name "
                        + now.record().spec().hostname() + "'";
            case Starting _, Pausing _, Resuming _, Stopping _, Aborting _ -> "try again in a moment";
            case Running _, Paused _, Deleting _, Deleted _ -> "'aegis instance info' shows its state";
        };
    }

    /** A client waited for another state, which can no longer come. */
    public static ApiException missed(InstanceRecord record, InstanceState state) {
        return switch (state) {
            case Stopped _ ->
                ErrorCode.BOOT_FAILED.refusal(
                        nameOf(record) + " stopped: " + record.stopReason().orElse("it failed to start"));
            case Deleting _, Deleted _ -> ErrorCode.NOT_FOUND.refusal(nameOf(record) + " was deleted");
            case Starting _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Aborting _ ->
                ErrorCode.WRONG_STATE.refusal(nameOf(record) + " is " + state.word());
        };
    }

    public static <T> T await(CompletableFuture<T> answer) {
        return await(answer, FOREVER);
    }

    static <T> T await(CompletableFuture<T> answer, Duration limit) {
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw ErrorCode.WRONG_STATE.refusal("it did not wake within " + limit.toSeconds() + " s", late);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ApiException refusal) {
                throw new ApiException(refusal.status(), refusal.error(), refusal);
            }
            throw ErrorCode.INTERNAL.refusal("internal error: " + failure.getCause(), failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down", stop);
        }
    }
}
