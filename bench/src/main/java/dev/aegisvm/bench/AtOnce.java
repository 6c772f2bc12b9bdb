package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does one thing many times, several at once, each of these over a connection of its own. */
final class AtOnce {
    static final int WIDTH = 8;

    private AtOnce() {}

    /** The thing. */
    @FunctionalInterface
    interface Task {
        void with(DaemonClient client) throws IOException;
    }

    /** Returns when all is done, or throws what the first of them threw. */
    static void run(Path socket, int times, Task task) throws IOException {
        List<Callable<Void>> workers = new ArrayList<>();
        for (int worker = 0; worker < WIDTH; worker++) {
            int share = times / WIDTH + (worker < times % WIDTH ? 1 : 0);
            workers.add(() -> {
                try (DaemonClient client = new DaemonClient(socket)) {
                    for (int i = 0; i < share; i++) {
                        task.with(client);
                    }
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> worker : threads.invokeAll(workers)) {
                worker.get();
            }
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }
}
