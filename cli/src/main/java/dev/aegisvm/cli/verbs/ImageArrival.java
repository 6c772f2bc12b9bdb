package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.JsonLines;
import org.jspecify.annotations.Nullable;

/** Follows an image on its way into the cache, and tells a person how far it is and how fast. */
final class ImageArrival {
    private static final int FAILED_LATE = 500;

    private ImageArrival() {}

    /** Waits for the end of what is being done ({@code pulling debian:13}); gives the images, one at least. */
    static List<ImageView> follow(JsonLines lines, Session session, String what) throws IOException {
        String safe = Printable.of(what);
        long since = System.nanoTime();
        boolean told = Console.errIsTerminal();
        try (lines;
                StatusLine status = StatusLine.on(session.console())) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ImageProgress progress = ApiJson.answer(ImageProgress.class, line);
                List<ImageView> images = progress.images();
                if (images != null) {
                    return images;
                }
                refuseBroken(progress);
                if (!told) {
                    session.note(what + "…");
                    told = true;
                }
                status.show(safe + ": " + how(progress, since));
            }
        }
        throw new DaemonException("the daemon ended before the image was there");
    }

    private static void refuseBroken(ImageProgress progress) {
        if (progress.error() != null) {
            ApiError error = new ApiError(
                    progress.error(),
                    Objects.requireNonNullElse(progress.code(), "internal"),
                    progress.hint(),
                    null,
                    null);
            throw new ApiException(FAILED_LATE, error, null);
        }
    }

    private static String how(ImageProgress progress, long since) {
        if (!"downloading".equals(progress.phase())) {
            return "making its file system";
        }
        long done = bytes(progress.doneBytes());
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since));
        return Printable.bytes(done) + " of " + Printable.bytes(bytes(progress.totalBytes())) + ", "
                + Printable.bytes(done * 1_000_000 / micros) + "/s";
    }

    private static long bytes(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
