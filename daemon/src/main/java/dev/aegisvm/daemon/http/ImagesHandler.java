package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.daemon.images.*;
import dev.aegisvm.daemon.instance.Instances;
import org.jspecify.annotations.Nullable;

/** Images: fetched, listed, deleted. */
record ImagesHandler(ImageStock images, Instances instances) {
    void addTo(RouteTable routes) {
        routes.serve(Routes.PULL_IMAGE, this::pull);
        routes.serve(Routes.LOAD_IMAGES, this::load);
        routes.answer(Routes.PRUNE_IMAGES, exchange -> images.prune());
        routes.answer(Routes.LIST_IMAGES, exchange -> images.list());
        routes.answer(Routes.DELETE_IMAGE, exchange -> {
            instances.awaitDeletions();
            images.delete(needed("image", exchange.query("image").orElse(null)));
            return new ActionView("deleted");
        });
    }

    private void pull(Exchange exchange) throws IOException, InterruptedException {
        PullImage request = exchange.body(Routes.PULL_IMAGE);
        String ref = needed("image_ref", request.imageRef());
        follow(exchange, images.pull(ImageStock.reference(ref), Boolean.TRUE.equals(request.missing())));
    }

    private void load(Exchange exchange) throws IOException, InterruptedException {
        String path = needed("path", exchange.body(Routes.LOAD_IMAGES).path());
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("the path '" + path + "' is not absolute");
        }
        follow(exchange, images.load(Path.of(path)));
    }

    private static String needed(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal(field + " is needed");
        }
        return value;
    }

    /** What fails at once is refused with its status; after that the last line says it. */
    private static void follow(Exchange exchange, ImageWork work) throws IOException, InterruptedException {
        Optional<ImageProgress> news = work.next();
        ByteAnswer lines = exchange.bytes(Routes.PULL_IMAGE);
        try {
            while (news.isPresent()) {
                lines.line(ApiJson.write(news.get()));
                news = work.next();
            }
        } catch (ApiException obstacle) {
            lines.line(ApiJson.write(ImageProgress.of(obstacle.error())));
        }
        lines.end();
    }
}
