package dev.aegisvm.daemon.instance;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Something that is done with the disk of a stopped instance, which nobody starts meanwhile. It takes milliseconds. */
public final class DiskWork {
    private final Step step;
    private @Nullable IOException obstacle;

    public DiskWork(Step step) {
        this.step = step;
    }

    /** What it does. */
    public interface Step {
        void run() throws IOException;
    }

    void run() {
        try {
            step.run();
        } catch (IOException failure) {
            obstacle = failure;
        }
    }

    /** Once it has run: throws what went wrong. */
    void outcome() throws IOException {
        if (obstacle != null) {
            throw obstacle;
        }
    }
}
