package dev.aegisvm.daemon.images;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.image.PullListener;
import org.jspecify.annotations.Nullable;

/**
 * A pull or a load that goes on by itself, and its progress for one client. It goes on when the client leaves: the next
 * one that wants the image finds it.
 */
public final class ImageWork implements PullListener {
    /** How often progress is reported: as often as a person can read it. */
    private static final Duration PACE = Duration.ofMillis(200);

    private @Nullable ImageProgress news;
    private @Nullable ImageProgress outcome;
    private @Nullable ApiException failure;
    private long toldAt = System.nanoTime() - PACE.toNanos();
    private boolean over;

    private ImageWork() {}

    static ImageWork start(String name, Function<PullListener, List<ImageView>> work) {
        ImageWork started = new ImageWork();
        Task.start(
                name,
                () -> started.run(work),
                bug -> started.end(null, ErrorCode.INTERNAL.refusal("internal error: " + bug, bug)));
        return started;
    }

    private void run(Function<PullListener, List<ImageView>> work) {
        try {
            end(ImageProgress.of(work.apply(this)), null);
        } catch (ApiException obstacle) {
            end(null, obstacle);
        }
    }

    private synchronized void end(@Nullable ImageProgress result, @Nullable ApiException obstacle) {
        outcome = result;
        failure = obstacle;
        notifyAll();
    }

    @Override
    public synchronized void progress(Phase phase, long done, long total) {
        if (phase != Phase.RESOLVING) {
            news = ImageProgress.of(phase.name().toLowerCase(Locale.ROOT), done, total);
            notifyAll();
        }
    }

    /**
     * Waits for news. The last one has the images; after it, empty.
     *
     * @throws ApiException when it has failed
     */
    public synchronized Optional<ImageProgress> next() throws InterruptedException {
        while (outcome == null && failure == null && (news == null || leftOfPace() > 0)) {
            if (news == null) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, leftOfPace());
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
    }

    private long leftOfPace() {
        return toldAt + PACE.toNanos() - System.nanoTime();
    }
}
