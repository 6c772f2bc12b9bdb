package dev.aegisvm.daemon.exec;

import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.guest.GuestProcess;
import java.util.List;

/** The client of a process that only has a log. */
final class NobodyAttached implements ProcessClient {
    @Override
    public boolean sends() {
        return false;
    }

    @Override
    public void started(GuestProcess process) {}

    @Override
    public void output(LogStream stream, byte[] bytes, int length, List<byte[]> entries) {}

    @Override
    public void whenLeft(Runnable action) {}

    @Override
    public void note(String line) {}
}
