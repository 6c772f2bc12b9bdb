package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.LoadImages;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.api.Routes;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.images.ImageWork;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images: fetched, listed, deleted. */
final class ImagesHandler {
    private static final System.Logger LOG = System.getLogger(ImagesHandler.class.getName());

    private final ImageStock images;

    ImagesHandler(ImageStock images) {
        this.images = images;
    }

    /** Serves one of the routes about images. */
    void serve(Routes route, Exchange exchange) {
        switch (route) {
            case PULL_IMAGE -> pull(exchange);
            case LOAD_IMAGES -> load(exchange);
            case PRUNE_IMAGES -> exchange.answer(200, images.prune());
            case LIST_IMAGES -> exchange.answer(200, ApiJson.writeImages(images.list()));
            case DELETE_IMAGE -> delete(exchange);
            default -> throw new IllegalArgumentException(route + " is not about images");
        }
    }

    private void pull(Exchange exchange) {
        PullImage request = exchange.body(PullImage.class);
        String ref = needed("image_ref", request.imageRef());
        follow(exchange, images.pull(ImageStock.reference(ref), Boolean.TRUE.equals(request.missing())));
    }

    private void load(Exchange exchange) {
        String path = needed("path", exchange.body(LoadImages.class).path());
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "the path '" + path + "' is not absolute");
        }
        follow(exchange, images.load(Path.of(path)));
    }

    private void delete(Exchange exchange) {
        images.delete(needed("image", exchange.query("image").orElse(null)));
        exchange.answer(200, new ActionView("deleted"));
    }

    private static String needed(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, field + " is needed");
        }
        return value;
    }

    /** What fails at once is refused with its status; after that the last line says it. */
    private static void follow(Exchange exchange, ImageWork work) {
        try {
            Optional<ImageProgress> first = work.next();
            Ndjson lines = exchange.ndjson();
            tell(first, work, lines);
            lines.end();
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "an image: " + left.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(Optional<ImageProgress> first, ImageWork work, Ndjson lines)
            throws IOException, InterruptedException {
        try {
            for (Optional<ImageProgress> news = first; news.isPresent(); news = work.next()) {
                lines.line(ApiJson.write(news.get()));
            }
        } catch (ApiException obstacle) {
            lines.line(ApiJson.write(ImageProgress.of(obstacle.error())));
        }
    }
}
