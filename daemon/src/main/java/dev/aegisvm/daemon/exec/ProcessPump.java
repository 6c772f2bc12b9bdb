package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.instance.ProcessClient;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.task.Task;
import org.jspecify.annotations.Nullable;

/** Carries the output of a process to its client, then to its {@link Exec} and the log, until both streams end. */
public final class ProcessPump {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final ProcessClient client;
    private final @Nullable Exec exec;
    private final SecretMask mask;

    private ProcessPump(ProcessClient client, InstanceLog log, @Nullable Exec exec) {
        this.client = client;
        this.exec = exec;
        this.mask = client.masked() ? log.mask() : SecretMask.NONE;
    }

    /** Begins to carry, for an exec or the main process; the future completes when all has been passed on. */
    public static CompletableFuture<Void> start(
            GuestProcess process, InstanceLog log, @Nullable Exec exec, ProcessClient client) {
        ProcessPump pump = new ProcessPump(client, log, exec);
        String execId = exec == null ? null : process.execId();
        return CompletableFuture.allOf(
                pump.pump(process.stdout(), LogStream.STDOUT, new StreamLog(log, LogStream.STDOUT, execId)),
                pump.pump(process.stderr(), LogStream.STDERR, new StreamLog(log, LogStream.STDERR, execId)));
    }

    private CompletableFuture<Void> pump(InputStream from, LogStream stream, StreamLog log) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Runnable passing = () -> {
            // Closed on the way out: output without a reader must not hold the process back.
            try (from) {
                byte[] buffer = new byte[BUFFER_BYTES];
                SecretMask.Bytes masked = mask.bytes();
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    byte[] shown = mask.hides() ? masked.pass(buffer, count) : buffer;
                    show(stream, shown, mask.hides() ? shown.length : count);
                    log.write(buffer, count, client::entries);
                }
                show(stream, masked.rest(), masked.rest().length);
                log.end(client::entries);
            } catch (IOException guestGone) {
                log.end(client::entries);
            }
            end.complete(null);
        };
        Task.start(stream.wire(), passing, end::completeExceptionally);
        return end;
    }

    private void show(LogStream stream, byte[] bytes, int length) {
        if (length > 0) {
            LogStream as = exec == null ? stream : exec.shown(stream);
            client.output(as, bytes, length);
            if (exec != null) {
                exec.output().write(as, bytes, length);
            }
        }
    }
}
