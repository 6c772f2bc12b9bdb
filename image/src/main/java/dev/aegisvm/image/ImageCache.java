package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.*;

/**
 * The images of the cache, and how to add to them. All methods block. Pulls of one image at the same time share one
 * download, also among processes that share the cache.
 */
public final class ImageCache implements AutoCloseable {
    private final RegistryAccess registries;
    private final ImageLimits limits;
    private final ImageStore store;
    private final OwnImages own;
    private final Workshop workshop;
    private final ImageMaker maker;
    private final ConcurrentHashMap<Digest, Pull> pulls = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * Opens the images in a directory, and removes unfinished ones.
     *
     * @param maker is closed with this
     * @param own are images beside those in the directory
     */
    public ImageCache(Path directory, RegistryAccess registries, ImageLimits limits, ImageMaker maker, OwnImages own)
            throws ImageException {
        this.registries = registries;
        this.limits = limits;
        this.maker = maker;
        this.own = own;
        try {
            store = new ImageStore(directory);
            workshop = new Workshop(directory);
            workshop.clean();
        } catch (IOException e) {
            throw ImageException.storage("open the images in " + directory, e);
        }
    }

    /** The image of a reference; pulls it unless it is in the cache. Layouts are looked up each time. */
    public Image get(ImageReference reference, PullListener listener) throws ImageException {
        Optional<Image> here = reference instanceof ImageReference.InLayout ? Optional.empty() : local(reference);
        return here.isPresent() ? here.get() : pull(reference, listener);
    }

    /** The image of a reference when it was last looked up, if it is in the cache. */
    public Optional<Image> local(ImageReference reference) throws ImageException {
        if (reference instanceof ImageReference.Here(String name)) {
            return find(name);
        }
        Optional<Image> exact = reference instanceof ImageReference.InRegistry remote
                        && remote.digest().isPresent()
                ? store.find(remote.digest().get())
                : Optional.empty();
        return exact.isPresent() ? exact : store.named(reference.name());
    }

    /** The image with a digest, or with the name of one of {@link OwnImages}. */
    public Optional<Image> find(String digest) throws ImageException {
        return digest.startsWith(OwnImages.PREFIX) ? own.find(digest) : store.find(digest);
    }

    /** Looks up which image a reference names now, and fetches it unless it is in the cache. */
    public Image pull(ImageReference reference, PullListener listener) throws ImageException {
        List<String> names = List.of(reference.name());
        return switch (reference) {
            case ImageReference.InRegistry remote ->
                make(new RegistrySource(remote, registries, closing), names, listener);
            case ImageReference.InLayout(Path layout, Optional<String> tag) ->
                make(LayoutSource.in(layout, tag), names, listener);
            case ImageReference.Here(String name) -> find(name).orElseThrow(() -> OwnImages.missing(name));
        };
    }

    /** Loads all images of an archive of {@code docker save} or of an OCI layout. */
    public List<Image> load(Path file, PullListener listener) throws ImageException {
        try (Workshop.Bench bench = workshop.takeForLoad()) {
            List<Image> loaded = new ArrayList<>();
            for (Archive.Named image : Archive.images(file, maker.archive(file, bench.work(), limits))) {
                List<String> names = new ArrayList<>();
                for (String name : image.names()) {
                    names.add(ImageReference.inRegistry(name).name());
                }
                loaded.add(make(image.source(), names, listener));
            }
            return loaded;
        } catch (IOException e) {
            throw ImageException.storage("load " + file, e);
        }
    }

    /** Takes in an image that is made here, and writes it to a file as well, as an archive of an OCI layout. */
    public Image save(NewImage image, Optional<Path> archive, PullListener listener) throws ImageException {
        try (Workshop.Bench bench = workshop.takeForLoad()) {
            AtomicLong done = new AtomicLong();
            LongConsumer read = more -> listener.progress(PullListener.Phase.DOWNLOADING, done.addAndGet(more), 0);
            image.write(bench.blobs(), limits, read);
            ImageSource layout = LayoutSource.in(bench.blobs(), Optional.empty());
            Image made = make(layout, List.of(image.name()), listener);
            if (archive.isPresent()) {
                NewImage.pack(bench.blobs(), archive.get());
            }
            return made;
        } catch (IOException e) {
            throw ImageException.storage("save the image", e);
        }
    }

    private Image make(ImageSource source, List<String> names, PullListener listener) throws ImageException {
        ResolvedImage resolved = ImageException.doing("read the image", source::resolve);
        String digest = resolved.digest().toString();
        Optional<Image> here = store.find(digest);
        Image image = here.isPresent() ? here.get() : once(resolved, source, listener);
        for (String name : names) {
            store.name(name, digest);
        }
        return names.isEmpty() ? image : store.find(digest).orElse(image);
    }

    private Image once(ResolvedImage resolved, ImageSource source, PullListener listener) throws ImageException {
        Pull pull = pulls.computeIfAbsent(resolved.digest(), _ -> new Pull(resolved, source));
        pull.join(listener);
        // Does nothing where another thread has begun it.
        pull.result.run();
        try {
            return pull.result.get();
        } catch (ExecutionException e) {
            if (pull.abandoned.isDone() && !listener.left().isDone()) {
                return once(resolved, source, listener); // joined too late to keep it
            }
            if (e.getCause() instanceof ImageException reason) {
                throw reason;
            }
            throw new IllegalStateException("a pull failed unexpectedly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(ImageException.Reason.UNREACHABLE, "interrupted while pulling an image", "", e);
        }
    }

    private Image build(ResolvedImage resolved, ImageSource source, Pull pull) throws ImageException {
        try (Workshop.Bench bench = workshop.take(resolved.digest().hex())) {
            String digest = resolved.digest().toString();
            Optional<Image> meanwhile = store.find(digest);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            List<Callable<Layer>> layers = new ArrayList<>();
            for (ResolvedImage.LayerRef layer : resolved.layers()) {
                layers.add(() -> source.fetch(layer, bench.blobs(), pull::read));
            }
            ImageMaker.Order order = new ImageMaker.Order(
                    layers, source.places(bench.blobs()), resolved.config().workdir(), limits, pull.abandoned);
            ImageMaker.Made made = maker.image(bench.work(), order, pull::read, pull::building);
            Path root = ImageStore.newRootIn(bench.result());
            made.moveTo(root);
            return store.add(bench.result(), digest, root, made.size(), resolved.config());
        } catch (IOException e) {
            throw ImageException.storage("build the image", e);
        } finally {
            pulls.remove(resolved.digest());
        }
    }

    /** Our own images, then the others, the newest first. */
    public List<Image> list() throws ImageException {
        List<Image> all = new ArrayList<>(own.all());
        all.addAll(store.list());
        return all;
    }

    /**
     * Deletes an image, by name or digest. If the image has several names, only this one is removed.
     *
     * @param users the instances that need an image, by its digest
     */
    public Image delete(String nameOrDigest, Map<String, Set<String>> users) throws ImageException {
        ImageReference reference = ImageReference.parse(nameOrDigest);
        Image image = local(reference).orElseThrow(() -> OwnImages.missing(nameOrDigest));
        if (image.digest().startsWith(OwnImages.PREFIX)) {
            throw new ImageException(
                    ImageException.Reason.BAD_REFERENCE,
                    nameOrDigest + " is part of AegisVM's installation and cannot be deleted with this command",
                    "remove its package, or its file: " + image.root());
        }
        if (!(reference instanceof ImageReference.Here) && image.names().size() > 1) {
            store.forget(reference.name());
        } else if (users.containsKey(image.digest())) {
            String holders = String.join(" ", new TreeSet<>(users.getOrDefault(image.digest(), Set.of())));
            throw new ImageException(
                    ImageException.Reason.IN_USE,
                    "the image " + nameOrDigest + " is in use by instances: " + holders,
                    "delete them first: aegis instance delete " + holders);
        } else {
            store.delete(image);
        }
        return image;
    }

    /** Deletes all images but the used ones, and unfinished ones; returns those that were deleted. */
    public List<Image> prune(Set<String> used) throws ImageException {
        List<Image> gone = new ArrayList<>();
        for (Image image : store.list()) {
            if (!used.contains(image.digest())) {
                store.delete(image);
                gone.add(image);
            }
        }
        return ImageException.doing("remove unfinished images", () -> {
            workshop.clean();
            return gone;
        });
    }

    /** Ends pulls that wait for another attempt, and what is being made. */
    @Override
    public void close() {
        closing.countDown();
        maker.close();
    }

    private final class Pull {
        /** It has an outcome whatever fails, so no caller waits for ever. */
        private final FutureTask<Image> result;

        private final List<PullListener> listeners = new CopyOnWriteArrayList<>();
        /** Completes when nobody waits for it any more. */
        private final CompletableFuture<Void> abandoned = new CompletableFuture<>();

        private final AtomicLong done = new AtomicLong();
        private final long total;

        Pull(ResolvedImage resolved, ImageSource source) {
            this.result = new FutureTask<>(() -> build(resolved, source, this));
            this.total = resolved.size();
        }

        void join(PullListener listener) {
            synchronized (listeners) {
                listeners.add(listener);
            }
            var _ = listener.left().thenRun(() -> leave(listener));
        }

        private void leave(PullListener listener) {
            boolean last;
            synchronized (listeners) {
                last = listeners.remove(listener) && listeners.isEmpty();
            }
            if (last) {
                abandoned.complete(null);
            }
        }

        void read(long bytes) {
            tell(PullListener.Phase.DOWNLOADING, done.addAndGet(bytes));
        }

        void building() {
            tell(PullListener.Phase.BUILDING, total);
        }

        private void tell(PullListener.Phase phase, long bytes) {
            for (PullListener listener : listeners) {
                listener.progress(phase, bytes, total);
            }
        }
    }
}
