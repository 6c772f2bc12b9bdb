package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.daemon.exec.ProcessClient;

/** The client of an exec that gets log entries, line by line, and nothing else. Its process is killed when it leaves. */
record NdjsonClient(ByteAnswer lines, String execId) implements ProcessClient {
    private static final int OUR_FAILURE = 125;

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
