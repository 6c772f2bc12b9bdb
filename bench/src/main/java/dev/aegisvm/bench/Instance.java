package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.StatsView.MemoryView;

/** An instance whose main process has started. To close it deletes it. */
record Instance(Sandbox sandbox, String id) implements AutoCloseable {
    <A> A call(Route<?, A> route) throws IOException {
        return sandbox.call(route.to(id));
    }

    /** How it booted. */
    BootView boot() throws IOException {
        return Objects.requireNonNull(call(Routes.GET).boot(), id);
    }

    /** Milliseconds that its boot took, in this way and no other. */
    double bootMillis(String mode) throws IOException {
        BootView boot = boot();
        if (boot.totalMs() == null || !boot.mode().equals(mode)) {
            throw new IOException("an instance did not start by way of '" + mode + "': " + boot);
        }
        return boot.totalMs();
    }

    /** Memory that its VM shares with others, and that it has alone. */
    MemoryView memory() throws IOException {
        return Objects.requireNonNull(call(Routes.STATS).memory(), id);
    }

    /** Runs {@code aegis exec} in it, as a whole process; returns what that printed. */
    String exec(String... command) throws IOException {
        return sandbox.aegis(
                Stream.concat(Stream.of("exec", id, "--"), Stream.of(command)).toArray(String[]::new));
    }

    @Override
    public void close() throws IOException {
        call(Routes.DELETE);
    }
}
