package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.ExecViews.ExecStarted;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.daemon.exec.ProcessClient;

/** The client of an exec that gets log entries, line by line, and nothing else. Its process is killed when it leaves. */
final class NdjsonClient implements ProcessClient {
    private static final int OUR_FAILURE = 125;

    private final ByteAnswer lines;
    private final String execId;

    NdjsonClient(ByteAnswer lines, String execId) {
        this.lines = lines;
        this.execId = execId;
    }

    /** The first line, before anything is known of the process. */
    void begin() throws IOException {
        lines.line(ApiJson.write(new ExecStarted(execId, Instant.now(), null)));
    }

    @Override
    public void whenLeft(Runnable action) {
        lines.whenLeft(action);
    }

    @Override
    public void entries(List<byte[]> entries) throws IOException {
        for (byte[] entry : entries) {
            lines.line(entry);
        }
    }

    void done(ProcessExit exit) throws IOException {
        String error = Boolean.TRUE.equals(exit.timedOut()) ? "its time was over; it was killed" : null;
        lines.line(ApiJson.write(new ExecDone(execId, exit.exitCode(), true, error)));
        lines.end();
    }

    void failed(ApiError error) throws IOException {
        Integer hinted = error.exitCode();
        lines.line(ApiJson.write(new ExecDone(execId, hinted == null ? OUR_FAILURE : hinted, true, error.error())));
        lines.end();
    }
}
