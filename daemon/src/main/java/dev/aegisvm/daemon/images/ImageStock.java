package dev.aegisvm.daemon.images;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.image.*;
import org.jspecify.annotations.Nullable;

/** The images of the cache, and which instances of this daemon need them: those are not deleted. */
public final class ImageStock implements AutoCloseable {
    private final ImageCache images;
    /** The digest of the image that an instance or a snapshot needs, by its id. */
    private final Map<String, String> needed = new HashMap<>();

    public ImageStock(ImageCache images) {
        this.images = images;
    }

    /** Clients have directories of their own, so that they name layouts by absolute paths. */
    public static ImageReference reference(String text) {
        if (text.startsWith(ImageReference.LAYOUT_PREFIX) && !text.startsWith(ImageReference.LAYOUT_PREFIX + "/")) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "the directory in '" + text + "' must be absolute", "write " + ImageReference.LAYOUT_PREFIX + "/…");
        }
        return orRefuse(() -> ImageReference.parse(text));
    }

    /** The image that a reference leads to; it is pulled unless it is here. Blocks. */
    public Image get(ImageReference reference) {
        return orRefuse(() -> images.get(reference, PullListener.NONE));
    }

    /** Fetches an image; {@code missing}: only if none of that name is here. */
    public ImageWork pull(ImageReference reference, boolean missing) {
        Making image =
                listener -> List.of(missing ? images.get(reference, listener) : images.pull(reference, listener));
        return new ImageWork().start("pull", image);
    }

    public ImageWork load(Path archive) {
        return new ImageWork().start("load", listener -> images.load(archive, listener));
    }

    /**
     * Makes an image of layers that are read meanwhile.
     *
     * @param base the digest of an image that it is run as
     * @param layers the lowest first, each a tar stream
     * @param archive a file that it is written to as well
     * @param end is run when nothing more is read, whatever it comes to
     */
    public ImageWork save(
            String name,
            String base,
            Supplier<List<Callable<InputStream>>> layers,
            Optional<Path> archive,
            Runnable end) {
        return new ImageWork().start("save", listener -> {
            try {
                if (!(reference(name) instanceof ImageReference.InRegistry named)
                        || named.digest().isPresent()) {
                    throw ErrorCode.BAD_REQUEST.refusal(
                            "'" + name + "' is not a valid name for a saved image", "choose a name such as mine/app:1");
                }
                Image.Config config = find(base)
                        .map(Image::config)
                        .orElseThrow(() ->
                                ErrorCode.IMAGE_NOT_FOUND.refusal("the instance's image is no longer on this host"));
                NewImage image = new NewImage(named.name(), config, layers.get());
                return List.of(images.save(image, archive, listener));
            } finally {
                end.run();
            }
        });
    }

    public Optional<Image> find(String digest) {
        return orRefuse(() -> images.find(digest));
    }

    /** All images, the newest first; {@code names} says what an instance or a snapshot with an id is called. */
    public List<ImageView> list(UnaryOperator<String> names) {
        return orRefuse(images::list).stream().map(image -> view(image, names)).toList();
    }

    /** Deletes an image, by name or digest; a name among several is forgotten, and its image stays. */
    public synchronized void delete(String nameOrDigest, UnaryOperator<String> names) {
        Map<String, Set<String>> named = new HashMap<>();
        needed.forEach((id, digest) ->
                named.computeIfAbsent(digest, _ -> new HashSet<>()).add(names.apply(id)));
        var _ = orRefuse(() -> images.delete(nameOrDigest, named));
    }

    public synchronized ImagesPruned prune() {
        List<Image> gone = orRefuse(() -> images.prune(Set.copyOf(needed.values())));
        return new ImagesPruned(
                gone.size(),
                gone.stream().map(Image::digest).toList(),
                gone.stream().mapToLong(Image::size).sum());
    }

    private synchronized ImageView view(Image image, UnaryOperator<String> names) {
        List<String> usedBy = needed.entrySet().stream()
                .filter(user -> user.getValue().equals(image.digest()))
                .map(user -> names.apply(user.getKey()))
                .sorted()
                .toList();
        return new ImageView(image.digest(), image.names(), image.size(), image.created(), usedBy);
    }

    /** The root file system of an image; one that left the cache is pulled again by {@code name}, its reference. */
    public Path root(String name, String digest) {
        return orRefuse(() -> {
            Optional<Image> here = images.find(digest);
            return here.isPresent()
                    ? here.get().root()
                    : again(reference(name), digest).root();
        });
    }

    private Image again(ImageReference reference, String digest) throws ImageException {
        ImageReference exact = switch (reference) {
            case ImageReference.InRegistry remote ->
                new ImageReference.InRegistry(
                        remote.host(), remote.repository(), Optional.empty(), Optional.of(digest));
            case ImageReference.InLayout _, ImageReference.Here _ -> reference;
        };
        Image image = images.pull(exact, PullListener.NONE);
        if (!image.digest().equals(digest)) {
            throw new ImageException(
                    ImageException.Reason.NOT_FOUND,
                    exact.name() + " is now another image than " + digest + ", from which the instance was created",
                    "pull or load the old image, or delete the instance and create it again");
        }
        return image;
    }

    /** Notes that an instance needs an image, until {@link #release}; false when the image was deleted. */
    public synchronized boolean claim(String digest, String instance) {
        needed.put(instance, digest);
        return find(digest).isPresent();
    }

    public synchronized void release(String instance) {
        needed.remove(instance);
    }

    private interface Work<T> {
        T run() throws ImageException;
    }

    private interface Making {
        List<Image> with(PullListener listener) throws ImageException;
    }

    private static <T> T orRefuse(Work<T> work) {
        try {
            return work.run();
        } catch (ImageException obstacle) {
            throw refusal(obstacle);
        }
    }

    private static ApiException refusal(ImageException obstacle) {
        String hint = obstacle.hint().isEmpty() ? null : obstacle.hint();
        return code(obstacle.reason()).refusal(obstacle.getMessage(), hint, obstacle);
    }

    private static ErrorCode code(ImageException.Reason reason) {
        return switch (reason) {
            case BAD_REFERENCE -> ErrorCode.BAD_REQUEST;
            case NOT_FOUND -> ErrorCode.IMAGE_NOT_FOUND;
            case UNAUTHORIZED -> ErrorCode.IMAGE_UNAUTHORIZED;
            case UNREACHABLE -> ErrorCode.REGISTRY_UNREACHABLE;
            case BROKEN -> ErrorCode.IMAGE_BROKEN;
            case TOO_LARGE -> ErrorCode.IMAGE_TOO_LARGE;
            case WRONG_PLATFORM -> ErrorCode.IMAGE_WRONG_PLATFORM;
            case IN_USE -> ErrorCode.IMAGE_IN_USE;
            case STORAGE -> ErrorCode.IMAGE_STORAGE;
        };
    }

    /** Pulls that wait for a registry give up. */
    @Override
    public void close() {
        images.close();
    }

    /** A pull, load or save, and its progress for one client. */
    public final class ImageWork implements PullListener {
        /** How often progress is reported, in milliseconds: as often as a person can read it. */
        private static final long PACE = 200;

        private final CompletableFuture<List<ImageView>> result = new CompletableFuture<>();
        private final AtomicReference<@Nullable ImageProgress> news = new AtomicReference<>();
        /** The first news are told at once. */
        private final CompletableFuture<Boolean> begun = result.handle((_, _) -> true);

        private final CompletableFuture<Void> left = new CompletableFuture<>();
        private long pace;

        private ImageWork() {}

        private ImageWork start(String name, Making work) {
            Consumer<Throwable> failed =
                    bug -> result.completeExceptionally(ErrorCode.INTERNAL.refusal("internal error: " + bug, bug));
            Task.start(name, () -> run(work), failed);
            return this;
        }

        private void run(Making work) {
            try {
                List<Image> made = orRefuse(() -> work.with(this));
                result.complete(made.stream()
                        .map(image -> view(image, UnaryOperator.identity()))
                        .toList());
            } catch (ApiException obstacle) {
                result.completeExceptionally(obstacle);
            }
        }

        @Override
        public void progress(Phase phase, long done, long total) {
            news.set(ImageProgress.of(phase.name().toLowerCase(Locale.ROOT), done, total));
            begun.complete(true);
        }

        /** The client does not wait any more: it ends, unless another waits for the same image. */
        public void leave() {
            left.complete(null);
        }

        @Override
        public CompletableFuture<Void> left() {
            return left;
        }

        /** Waits for news, of which the last has the images. Throws what it has failed with. */
        public ImageProgress next() throws InterruptedException {
            while (true) {
                try {
                    var _ = begun.get();
                    return ImageProgress.of(result.get(pace, TimeUnit.MILLISECONDS));
                } catch (TimeoutException goesOn) {
                    pace = PACE;
                    ImageProgress latest = news.getAndSet(null);
                    if (latest != null) {
                        return latest;
                    }
                } catch (ExecutionException failed) {
                    throw (ApiException) result.exceptionNow();
                }
            }
        }
    }
}
