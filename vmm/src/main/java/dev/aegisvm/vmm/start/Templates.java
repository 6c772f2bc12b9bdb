package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * The saved machines, a directory each, named by their key. They are made in a temporary directory and renamed, under a
 * file lock that daemons with a common cache respect. A defective one is thrown away.
 */
final class Templates {
    private static final String UNFINISHED = "unfinished-";

    private final StartSettings settings;
    private final TemplateMaker maker;
    private final Path root;
    private final Machines machines;
    /** One template is made at a time: it is a whole boot, and the VMs that people wait for come first. */
    private final Semaphore making = new Semaphore(1);

    private final ConcurrentHashMap<Made, String> keys = new ConcurrentHashMap<>();
    /** The directories of those that processes of ours map, one for each process. */
    private final Queue<Path> mapped = new ConcurrentLinkedQueue<>();

    private final Set<Template.Kind> beingMade = ConcurrentHashMap.newKeySet();

    Templates(StartSettings settings, Machines machines, GuestPreparer preparer) {
        this.settings = settings;
        this.maker = new TemplateMaker(settings, machines, preparer);
        this.root = directory(settings.cache());
        this.machines = machines;
    }

    static Finding check(Path cache) {
        Path directory = directory(cache);
        try (Stream<Path> entries = Files.list(directory)) {
            long count = entries.filter(Templates::isTemplate).count();
            if (count > 0) {
                return Finding.ok("templates", count + " in " + directory);
            }
        } catch (IOException none) {
            // There are none, then.
        }
        return Finding.note(
                "templates",
                "none yet in " + directory + "; the first start boots a kernel",
                "nothing to do; to make one now, run aegisd --prepare");
    }

    private static Path directory(Path cache) {
        return cache.resolve("templates");
    }

    /** The template of a kind, or why there is none. A defective one is deleted on the way. */
    Found find(Template.Kind kind, Accelerator accelerator) {
        Path directory = directory(kind, accelerator);
        if (!Files.isDirectory(directory)) {
            return new Found.None("there is no template for " + kind.shape() + " yet");
        }
        Template template = new Template(directory);
        Optional<String> defect = template.defect();
        if (defect.isPresent()) {
            discard(template, defect.get());
            return new Found.None("its template was damaged: " + defect.get());
        }
        touch(directory);
        return new Found.Ready(template);
    }

    sealed interface Found {
        record Ready(Template template) implements Found {}

        /** It is not; the reason is half a sentence. */
        record None(String reason) implements Found {}
    }

    /** Makes the template of a kind unless it exists; blocks until it does. Callers at the same time make one. */
    Template make(Template.Kind kind, Accelerator accelerator) throws VmmException {
        making.acquireUninterruptibly();
        try {
            Files.createDirectories(root);
            try (FileChannel lockFile =
                    FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Held until the file is closed; another daemon may share this cache.
                lockFile.lock();
                return find(kind, accelerator) instanceof Found.Ready(Template there)
                        ? there
                        : makeLocked(kind, accelerator);
            }
        } catch (IOException e) {
            throw new VmmException(
                    "cannot make a template in " + root + ": " + HostError.text(e),
                    "Check that the file system has free space and is writable.",
                    e);
        } finally {
            making.release();
        }
    }

    /** The same by a boot in any case, as a trial of the accelerator: that there is one already does not show that it works today. */
    void boot(Template.Kind kind, Accelerator accelerator) throws VmmException {
        if (find(kind, accelerator) instanceof Found.Ready(Template earlier)) {
            discard(earlier, accelerator.name() + " is tested with another boot");
        }
        make(kind, accelerator);
    }

    /**
     * Makes the template of a kind without anyone waiting for it. Does nothing while that is under way.
     *
     * @param then is done when it exists
     */
    void makeLater(Template.Kind kind, Accelerator accelerator, Runnable then) {
        if (!beingMade.add(kind)) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                make(kind, accelerator);
                then.run();
            } catch (VmmException | RuntimeException | OutOfMemoryError e) { // such as: no further thread
                settings.log().accept("template: " + e.getMessage());
            } finally {
                beingMade.remove(kind);
            }
        });
    }

    private Template makeLocked(Template.Kind kind, Accelerator accelerator) throws VmmException, IOException {
        Instant start = Instant.now();
        settings.log()
                .accept("template: making one for " + kind.shape() + " with " + accelerator.name() + " and "
                        + kind.image().root());
        collectUnfinished();
        Path unfinished = Files.createTempDirectory(root, UNFINISHED);
        Path run = Files.createTempDirectory(settings.runDirectory(), "t-");
        try {
            maker.make(kind, accelerator, unfinished, run);
            evict();
            Path directory = directory(kind, accelerator);
            Files.move(unfinished, directory);
            settings.log()
                    .accept("template: made for " + kind.shape() + " in "
                            + Duration.between(start, Instant.now()).toMillis() + " ms");
            return new Template(directory);
        } finally {
            PrivateDirectory.remove(unfinished);
            PrivateDirectory.remove(run);
        }
    }

    /** Notes that a process maps a template, until that has ended. */
    void use(Template template, CompletableFuture<?> exit) {
        mapped.add(template.directory());
        var _ = exit.whenComplete((_, _) -> mapped.remove(template.directory()));
    }

    /** All of them, and what a killed daemon left half made. */
    List<Vmm.Saved> saved() {
        try {
            Stream<Vmm.Saved> leftovers = unfinished().stream()
                    .map(left ->
                            new Vmm.Saved(left, Instant.EPOCH, () -> discard(new Template(left), "it was incomplete")));
            return Stream.concat(finished().stream().map(this::saved), leftovers)
                    .toList();
        } catch (IOException none) {
            return List.of();
        }
    }

    /** What is half made; nothing while one is in the making. */
    private List<Path> unfinished() throws IOException {
        if (!making.tryAcquire()) {
            return List.of();
        }
        try (FileChannel lockFile =
                FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return lockFile.tryLock() == null
                    ? List.of()
                    : entries().stream().filter(Templates::isUnfinished).toList();
        } finally {
            making.release();
        }
    }

    private Vmm.Saved saved(Path directory) {
        Instant used =
                mapped.contains(directory) ? Instant.now() : lastUse(directory).toInstant();
        return new Vmm.Saved(directory, used, () -> discard(new Template(directory), "not used since " + used));
    }

    /** Throws a template away. VMs that run from it keep its files open and go on. */
    void discard(Template template, String reason) {
        settings.log().accept("template: deleting " + template.directory() + ": " + reason);
        try {
            // Renamed first, so that nobody finds half a template.
            Path doomed = Files.createTempDirectory(root, UNFINISHED);
            Files.move(template.directory(), doomed.resolve("doomed"));
            PrivateDirectory.remove(doomed);
        } catch (IOException e) {
            settings.log().accept("template: cannot delete it: " + HostError.text(e));
        }
    }

    /** Collects what a killed daemon left half made; whoever holds the lock is the only one who makes anything. */
    private void collectUnfinished() throws IOException {
        for (Path entry : entries()) {
            if (isUnfinished(entry)) {
                PrivateDirectory.remove(entry);
            }
        }
    }

    private void evict() throws IOException {
        List<Path> templates = finished().stream()
                .sorted(Comparator.comparing(Templates::lastUse))
                .toList();
        for (int i = 0; i <= templates.size() - settings.templateLimit(); i++) {
            discard(new Template(templates.get(i)), "it is the least recently used of " + templates.size());
        }
    }

    private List<Path> finished() throws IOException {
        return entries().stream()
                .filter(entry -> isTemplate(entry) && !isUnfinished(entry))
                .toList();
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.toList();
        }
    }

    private static boolean isUnfinished(Path entry) {
        return entry.getFileName().toString().startsWith(UNFINISHED);
    }

    /** One of ours, or of an earlier daemon, which has another list. */
    private static boolean isTemplate(Path entry) {
        return Files.exists(entry.resolve(Template.LIST)) || Files.exists(entry.resolve("sizes"));
    }

    /** Named by all that a template depends on. Whatever changes there makes another one. */
    private Path directory(Template.Kind kind, Accelerator accelerator) {
        return root.resolve(keys.computeIfAbsent(
                new Made(kind, accelerator.name()),
                _ -> Fingerprint.of(machines.key(TemplateMaker.launch(kind, accelerator.unmeasured(), Path.of("/key")))
                        + "\n" + settings.diskSizeMb() + "\nformat " + Template.FORMAT + "\n")));
    }

    private record Made(Template.Kind kind, String accelerator) {}

    private static FileTime lastUse(Path directory) {
        try {
            return Files.getLastModifiedTime(directory);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private void touch(Path directory) {
        try {
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
        } catch (IOException e) {
            settings.log().accept("template: cannot mark as used " + directory + ": " + HostError.reason(e));
        }
    }
}
