package dev.aegisvm.image.child;

import module java.base;
import dev.aegisvm.host.Jail;
import dev.aegisvm.image.*;
import dev.aegisvm.image.ImageException.Reason;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;

/** Makes images, and looks into archives, each in a child. All methods block. */
public final class ImageMaker implements AutoCloseable {
    /** The file that is made, in the child's directory. */
    static final String MADE = "root.erofs";

    /** Of all names of an archive together. */
    private static final int MAX_LETTERS = 8 << 20;

    /** Each may take half a gigabyte. Others wait. */
    private static final int AT_ONCE = 4;

    /** So that one layer is fetched while others are decompressed. */
    private static final int FETCHED_AT_ONCE = 3;

    private final ChildStart start;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Set<Child> children = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param options of the children's JVM, such as its start-up cache */
    public ImageMaker(Jail jail, List<String> options) {
        this.start = new ChildStart(jail, List.copyOf(options));
    }

    /**
     * What is to be made.
     *
     * @param layers the lowest first; each brings its blob, and is called once
     * @param places files and directories with all blobs
     * @param abandoned completes when it is not wanted any more
     */
    public record Order(
            List<Callable<Layer>> layers,
            Set<Path> places,
            String workdir,
            ImageLimits limits,
            CompletableFuture<Void> abandoned) {}

    /** A file with a file system of this size; the file is larger. */
    public record Made(Path file, long size) {
        /** Takes it to where no child can write: as the work of one it is not trusted. */
        public void moveTo(Path place) throws IOException {
            Files.move(file, place);
            if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(place);
                throw ImageException.broken("the image builder's process made no image file");
            }
        }
    }

    /**
     * Makes a root file system.
     *
     * @param work an empty directory, the only one that the child writes to
     * @param read gets how many bytes were read of layers that need not be fetched
     * @param building is run when all layers have been read
     */
    public Made image(Path work, Order order, LongConsumer read, Runnable building) throws ImageException {
        try (Child child = start(work, order.places());
                ExecutorService fetchers = Executors.newFixedThreadPool(
                        FETCHED_AT_ONCE, Thread.ofVirtual().name("fetch-", 0).factory())) {
            var _ = order.abandoned().thenRun(child::kill);
            List<Callable<Layer>> layers = order.layers();
            child.say(line("image", work, order.workdir(), order.limits(), layers.size()));
            List<CompletableFuture<Void>> fetched = new ArrayList<>();
            for (Callable<Layer> layer : layers) {
                int number = fetched.size();
                CompletableFuture<Void> one = CompletableFuture.runAsync(() -> fetch(layer, number, child), fetchers);
                fetched.add(one);
                var _ = one.exceptionally(failure -> {
                    child.kill();
                    return null;
                });
            }
            var _ = CompletableFuture.allOf(fetched.toArray(CompletableFuture[]::new))
                    .thenRun(child::saidAll);
            try {
                Line done = child.outcome(line -> {
                    if (line.kind().equals("read")) {
                        read.accept(line.number(1));
                    } else {
                        building.run();
                    }
                });
                return new Made(work.resolve(MADE), done.number(1));
            } catch (ImageException ofChild) {
                throw closed
                        ? new ImageException(Reason.STORAGE, "the daemon is shutting down", "", ofChild)
                        : cause(fetched).orElse(ofChild);
            } finally {
                fetchers.shutdownNow();
            }
        }
    }

    private static void fetch(Callable<Layer> fetch, int number, Child child) {
        try {
            Layer layer = fetch.call();
            Blob blob = layer.blob();
            child.say(Line.of(
                    "layer",
                    number,
                    blob.file(),
                    blob.offset(),
                    blob.size(),
                    blob.fetched(),
                    layer.digest().map(Object::toString).orElse(""),
                    layer.diffId().map(Object::toString).orElse("")));
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** Why a layer could not be brought, in which case the child was ended. */
    private static Optional<ImageException> cause(List<CompletableFuture<Void>> fetched) {
        return fetched.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .map(CompletableFuture::exceptionNow)
                .map(ImageException::inLayer)
                .findFirst();
    }

    /**
     * The regular files in an archive, by their names, which have no slash in front.
     *
     * @param work an empty directory, where a decompressed archive stays
     */
    public Map<String, Blob> archive(Path file, Path work, ImageLimits limits) throws ImageException {
        if (!Files.isRegularFile(file)) {
            throw ImageException.broken(file + " is not a file");
        }
        Map<String, Blob> files = new HashMap<>();
        Set<Path> places = Set.of(file, work.resolve(ArchiveReader.DECOMPRESSED));
        AtomicInteger letters = new AtomicInteger();
        try (Child child = start(work, Set.of(file))) {
            child.say(line("archive", work, file.toString(), limits, 0));
            child.saidAll();
            child.outcome(line -> {
                Blob blob = new Blob(Path.of(line.word(2)), line.number(3), line.number(4), false);
                boolean many = files.size() >= ArchiveReader.MAX_FILES
                        || letters.addAndGet(line.word(1).length()) > MAX_LETTERS;
                if (many || !places.contains(blob.file())) {
                    throw lie();
                }
                files.put(line.word(1), blob);
            });
        }
        requireThere(files.values(), file);
        return files;
    }

    /** The child that said so has ended. */
    private static void requireThere(Collection<Blob> blobs, Path archive) throws ImageException {
        try {
            for (Blob blob : blobs) {
                Path file = blob.file();
                boolean ours = file.equals(archive) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
                if (!ours || !blob.isWithin(Files.size(file))) {
                    throw lie();
                }
            }
        } catch (IOException gone) {
            throw ImageException.storage("look at the files of the archive", gone);
        }
    }

    private static ImageException lie() {
        return ImageException.broken("the image builder's process gave an invalid answer");
    }

    private static Line line(String kind, Path work, String what, ImageLimits limits, int count) {
        return Line.of(kind, work, what, limits.bytes(), limits.entries(), limits.ratio(), limits.ratioFree(), count);
    }

    private Child start(Path work, Set<Path> places) throws ImageException {
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(Reason.STORAGE, "interrupted while waiting for other images to be built", "", e);
        }
        try {
            Child child = new Child(start.start(work, places), this::gone);
            children.add(child);
            if (closed) {
                child.kill();
            }
            return child;
        } catch (IOException e) {
            turns.release();
            throw ImageException.storage("start the image builder's process", e);
        }
    }

    private void gone(Child child) {
        children.remove(child);
        turns.release();
    }

    @Override
    public void close() {
        closed = true;
        children.forEach(Child::kill);
    }
}
