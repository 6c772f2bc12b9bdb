package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Follows an image on its way into the cache, and tells a person at a terminal how far it is and how fast. */
final class ImageArrival {
    private static final int FAILED_LATE = 500;
    /** To the start of the line, and erase it. */
    private static final String ERASE = "\r\u001b[K";

    private final Console console;
    private final String what;
    private final boolean terminal;
    private final long since = System.nanoTime();
    private boolean shown;

    /**
     * An image on its way.
     *
     * @param what is being done, with its name: {@code pulling debian:13}
     */
    ImageArrival(Console console, String what) {
        this.console = console;
        this.what = Printable.of(what);
        this.terminal = Console.errIsTerminal();
    }

    /** Waits for the end; gives the images, of which there is at least one. */
    List<ImageView> follow(JsonLines lines) throws IOException {
        try (lines) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ImageProgress progress = ApiJson.answer(ImageProgress.class, line);
                List<ImageView> images = progress.images();
                if (images != null) {
                    return images;
                }
                tell(progress);
            }
        } finally {
            erase();
        }
        throw new DaemonException("the daemon ended before the image was there");
    }

    private void tell(ImageProgress progress) {
        if (progress.error() != null) {
            ApiError error = new ApiError(
                    progress.error(), Objects.requireNonNullElse(progress.code(), "internal"), progress.hint(), null);
            throw new ApiException(FAILED_LATE, error, null);
        }
        if (terminal) {
            console.mutter(ERASE + "aegis: " + what + ": " + how(progress));
            shown = true;
        } else if (!shown) {
            console.say("aegis: " + what + "…");
            shown = true;
        }
    }

    private String how(ImageProgress progress) {
        long done = bytes(progress.doneBytes());
        if (!"downloading".equals(progress.phase())) {
            return "making its file system";
        }
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since));
        return Printable.bytes(done) + " of " + Printable.bytes(bytes(progress.totalBytes())) + ", "
                + Printable.bytes(done * 1_000_000 / micros) + "/s";
    }

    private static long bytes(@Nullable Long count) {
        return count == null ? 0 : count;
    }

    private void erase() {
        if (terminal && shown) {
            console.mutter(ERASE);
        }
    }
}
