package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.daemon.exec.*;
import dev.aegisvm.daemon.guest.GuestFiles;
import dev.aegisvm.daemon.guest.GuestFiles.Layer;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.images.ImageStock.ImageWork;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.gateway.intercept.*;
import org.jspecify.annotations.Nullable;

/** Images: fetched, listed, deleted. */
final class ImagesHandler {
    private final ImageStock images;
    private final Instances instances;
    private final Processes processes;

    ImagesHandler(ImageStock images, Instances instances, Processes processes) {
        this.images = images;
        this.instances = instances;
        this.processes = processes;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.PULL_IMAGE, this::pull);
        routes.serve(Routes.LOAD_IMAGES, this::load);
        routes.serve(Routes.SAVE_IMAGE, this::save);
        routes.answer(Routes.PRUNE_IMAGES, exchange -> images.prune());
        routes.answer(Routes.LIST_IMAGES, exchange -> images.list(instances::nameOf));
        routes.act(Routes.DELETE_IMAGE, "deleted", exchange -> {
            instances.awaitDeletions();
            images.delete(needed("image", exchange.query("image").orElse(null)), instances::nameOf);
        });
    }

    private void pull(Exchange exchange) throws IOException, InterruptedException {
        PullImage request = exchange.body(Routes.PULL_IMAGE);
        String ref = needed("image_ref", request.imageRef());
        follow(exchange, images.pull(ImageStock.reference(ref), Boolean.TRUE.equals(request.missing())));
    }

    private void load(Exchange exchange) throws IOException, InterruptedException {
        String path = needed("path", exchange.body(Routes.LOAD_IMAGES).path());
        follow(exchange, images.load(absolute(path)));
    }

    static Path absolute(String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("the path '" + path + "' must be absolute");
        }
        return Path.of(path);
    }

    private void save(Exchange exchange) throws IOException, InterruptedException {
        SaveImage request = exchange.body(Routes.SAVE_IMAGE);
        String name = needed("image_ref", request.imageRef());
        Optional<Path> archive = Optional.ofNullable(request.output()).map(ImagesHandler::absolute);
        Processes.Target target = processes.forFiles(exchange.ref());
        boolean flat = Boolean.TRUE.equals(request.flatten());
        String base = target.spec().imageDigest();
        follow(exchange, images.save(name, base, () -> layers(target, flat), archive, target::close));
    }

    private static List<Callable<InputStream>> layers(Processes.Target target, boolean flat) {
        GuestFiles all = target.vm().guest().files(Optional.empty());
        List<String> originals = writtenByHost(target.spec());
        return (flat ? Stream.of(all) : Stream.of(all.of(Layer.IMAGE), all.of(Layer.OWN)))
                .<Callable<InputStream>>map(part -> () -> part.archive(originals))
                .toList();
    }

    private static List<String> writtenByHost(InstanceSpec spec) {
        if (!spec.environment().trustHostCas() && spec.secrets().bound().isEmpty()) {
            return List.of();
        }
        return Stream.of(List.of(SystemTrust.GIVEN), SystemTrust.BUNDLES, JavaTrust.places(ProcessSpecs.javaHome(spec)))
                .flatMap(List::stream)
                .toList();
    }

    static String needed(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal(field + " is required");
        }
        return value;
    }

    /** What fails at once is refused with its status; after that the last line says it. */
    private static void follow(Exchange exchange, ImageWork work) throws IOException, InterruptedException {
        exchange.whenUnanswered(work::leave);
        ImageProgress news = work.next();
        ByteAnswer lines = exchange.bytes(Routes.PULL_IMAGE);
        lines.whenLeft(work::leave);
        try {
            lines.line(ApiJson.write(news));
            while (news.images() == null) {
                news = work.next();
                lines.line(ApiJson.write(news));
            }
        } catch (ApiException obstacle) {
            lines.line(ApiJson.write(ImageProgress.of(obstacle.error())));
        }
        lines.end();
    }
}
