package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** The images that this host has, or fetches. */
final class Images {
    static final String FULL = "aegis:full";
    private static final String OWN = "aegis:";

    private Images() {}

    /** Has an image fetched that is not here, and tells how far it is. */
    static void fetch(@Nullable String image, DaemonClient client, Progress progress) throws IOException {
        if (image == null || image.isEmpty() || image.startsWith(OWN)) {
            return;
        }
        var _ = client.images(Routes.PULL_IMAGE.with(new PullImage(image, true)), now -> {
            long done = Objects.requireNonNullElse(now.doneBytes(), 0L) >> 20;
            progress.tell("fetching " + image + ": " + now.phase() + ", " + done + " MiB");
        });
    }

    /** The names of those that are here, but for layouts: these are looked up in directories, which may be gone. */
    static Stream<String> here(DaemonClient client) throws IOException {
        return client.call(Routes.LIST_IMAGES).stream()
                .map(ImageView::names)
                .flatMap(List::stream)
                .filter(name -> !name.startsWith("oci:"));
    }
}
