package dev.aegisvm.daemon.images;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.image.PullListener;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pull or a load that goes on by itself, and its progress for one client. It goes on when the client leaves: the next one
 * that wants the image finds it.
 */
public final class ImageWork implements PullListener {
    /** How often progress is reported: as often as a person can read it. */
    private static final Duration PACE = Duration.ofMillis(200);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable ImageProgress news;
    private @Nullable ImageProgress outcome;
    private @Nullable ApiException failure;
    private long toldAt = System.nanoTime() - PACE.toNanos();
    private boolean over;

    private ImageWork() {}

    /** Starts the work on a thread of its own. */
    static ImageWork start(String name, Function<PullListener, List<ImageView>> work) {
        ImageWork started = new ImageWork();
        Task.start(
                name,
                () -> started.run(work),
                bug -> started.end(null, new ApiException(ErrorCode.INTERNAL, "internal error: " + bug, bug)));
        return started;
    }

    private void run(Function<PullListener, List<ImageView>> work) {
        try {
            end(ImageProgress.of(work.apply(this)), null);
        } catch (ApiException obstacle) {
            end(null, obstacle);
        }
    }

    private void end(@Nullable ImageProgress result, @Nullable ApiException obstacle) {
        lock.lock();
        try {
            outcome = result;
            failure = obstacle;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void progress(Phase phase, long done, long total) {
        if (phase == Phase.RESOLVING) {
            return;
        }
        lock.lock();
        try {
            news = ImageProgress.of(phase.name().toLowerCase(Locale.ROOT), done, total);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for news. The last one has the images; after it, empty.
     *
     * @throws ApiException when it has failed
     */
    public Optional<ImageProgress> next() throws InterruptedException {
        lock.lock();
        try {
            while (!ended() && !due()) {
                if (news == null) {
                    changed.await();
                } else {
                    changed.awaitNanos(leftOfPace());
                }
            }
            if (failure != null) {
                throw failure;
            }
            ImageProgress line = outcome != null ? outcome : news;
            boolean last = over;
            over = outcome != null;
            news = null;
            toldAt = System.nanoTime();
            return last ? Optional.empty() : Optional.ofNullable(line);
        } finally {
            lock.unlock();
        }
    }

    private boolean ended() {
        return outcome != null || failure != null;
    }

    private boolean due() {
        return news != null && leftOfPace() <= 0;
    }

    private long leftOfPace() {
        return toldAt + PACE.toNanos() - System.nanoTime();
    }
}
