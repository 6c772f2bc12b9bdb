package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.start.Machines.Launch;
import dev.aegisvm.vmm.start.Machines.Machine;

/**
 * The templates, a directory each, named by all that they depend on. They are made in a temporary directory and
 * renamed, under a file lock that daemons with a common cache respect. A defective one is deleted.
 */
final class Templates {
    private static final String UNFINISHED = "unfinished-";
    /** From the end of the boot on, for all of the rest together. */
    private static final Duration SAVE_LIMIT = Duration.ofMinutes(4);

    private final StartSettings settings;
    private final Machines machines;
    private final GuestPreparer preparer;
    private final Path root;
    /** One template is made at a time: it is a whole boot, and the VMs that people wait for come first. */
    private final Semaphore making = new Semaphore(1);

    private final Map<Template.Kind, Path> directories = new ConcurrentHashMap<>();
    /** The directories of those that processes of ours map, one for each process. */
    private final Queue<Path> mapped = new ConcurrentLinkedQueue<>();

    private final Set<Template.Kind> beingMade = ConcurrentHashMap.newKeySet();

    Templates(StartSettings settings, Machines machines, GuestPreparer preparer) {
        this.settings = settings;
        this.machines = machines;
        this.preparer = preparer;
        this.root = root(settings.cache());
    }

    private static Path root(Path cache) {
        return cache.resolve("templates");
    }

    static Finding check(Path cache) {
        Path root = root(cache);
        try {
            int count = entries(root, Templates::isWhole).size();
            if (count > 0) {
                return Finding.ok("templates", count + " in " + root);
            }
        } catch (IOException none) {
            // There are none, then.
        }
        return Finding.note(
                "templates",
                "none yet in " + root + "; the first start boots a kernel",
                "nothing to do; to make one now, run aegisd --prepare");
    }

    /** The template of a kind, or why there is none. A defective one is deleted on the way. */
    Found find(Template.Kind kind) {
        Template template = template(kind);
        if (!Files.isDirectory(template.directory())) {
            return new Found.None("there is no template for " + kind.shape() + " yet");
        }
        Optional<String> defect = template.defect();
        if (defect.isPresent()) {
            discard(template.directory(), defect.get());
            return new Found.None("its template was damaged: " + defect.get());
        }
        try {
            Files.setLastModifiedTime(template.directory(), FileTime.from(Instant.now()));
        } catch (IOException e) {
            settings.log().accept("template: cannot mark as used " + template.directory() + ": " + HostError.reason(e));
        }
        return new Found.Ready(template);
    }

    sealed interface Found {
        record Ready(Template template) implements Found {}

        /** It is not; the reason is half a sentence. */
        record None(String reason) implements Found {}
    }

    /** Makes the template of a kind unless it exists; blocks until it does. Callers at the same time make one. */
    void make(Template.Kind kind) throws VmmException {
        making.acquireUninterruptibly();
        try {
            Files.createDirectories(root);
            try (FileChannel lockFile = lockFile()) {
                // Held until the file is closed; another daemon may share this cache.
                lockFile.lock();
                if (find(kind) instanceof Found.None) {
                    makeLocked(kind);
                }
            }
        } catch (IOException e) {
            throw VmmException.storage("make a template in " + root, e);
        } finally {
            making.release();
        }
    }

    /** Makes the template of a kind where the cache has none at all; false when it has some, or when that fails. */
    boolean makeFirst(Template.Kind kind) {
        try {
            if (Files.isDirectory(root) && !entries(root, Templates::isWhole).isEmpty()) {
                return false;
            }
            make(kind);
            return true;
        } catch (VmmException | IOException e) {
            settings.log().accept("template: " + HostError.reason(e));
            return false;
        }
    }

    private FileChannel lockFile() throws IOException {
        return FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** The same by a boot in any case, as a trial: that there is one does not show that the accelerator works today. */
    void boot(Template.Kind kind) throws VmmException {
        if (find(kind) instanceof Found.Ready(Template earlier)) {
            discard(earlier.directory(), kind.accelerator().name() + " is tested with another boot");
        }
        make(kind);
    }

    /**
     * Makes the template of a kind in the background. Does nothing while that is under way.
     *
     * @param then is done when it exists
     */
    void makeLater(Template.Kind kind, Runnable then) {
        if (!beingMade.add(kind)) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                make(kind);
                then.run();
            } catch (VmmException | RuntimeException | OutOfMemoryError e) { // such as: no further thread
                settings.log().accept("template: " + e.getMessage());
            } finally {
                beingMade.remove(kind);
            }
        });
    }

    private void makeLocked(Template.Kind kind) throws VmmException, IOException {
        Instant start = Instant.now();
        settings.log()
                .accept("template: making one for " + kind.shape() + " with "
                        + kind.accelerator().name() + " and " + kind.image().root());
        // Only the holder of the lock makes any, so these are what killed daemons left.
        for (Path left : entries(root, Templates::isUnfinished)) {
            PrivateDirectory.remove(left);
        }
        Path unfinished = Files.createTempDirectory(root, UNFINISHED);
        Path run = Files.createTempDirectory(settings.runDirectory(), "t-");
        try {
            save(kind, new Template(unfinished), run);
            evict();
            Files.move(unfinished, template(kind).directory());
            settings.log()
                    .accept("template: made for " + kind.shape() + " in "
                            + Duration.between(start, Instant.now()).toMillis() + " ms");
        } finally {
            PrivateDirectory.remove(unfinished);
            PrivateDirectory.remove(run);
        }
    }

    /**
     * Boots a machine once and saves it twice: before and after its root file system is mounted.
     *
     * @param run an empty directory with a short path, for the machine's sockets and files
     */
    private void save(Template.Kind kind, Template template, Path run) throws VmmException {
        Launch launch = launch(kind, run);
        try {
            new DiskChain(launch.spec().disk()).create(settings.diskSizeMb());
            Machine machine = machines.boot(launch, true);
            try {
                FirstBoot.await(machine, launch.accelerator(), preparer);
                machine.within(SAVE_LIMIT, () -> {
                    machine.save(Files.createDirectory(template.saved(false)));
                    machine.resume();
                    preparer.mountAndPark(
                            machine.channel(), machines.capabilities().devices());
                    machine.save(Files.createDirectory(template.saved(true)));
                });
            } catch (IOException e) {
                throw new IOException(e.getMessage() + FirstBoot.lastWords(machine), e);
            } finally {
                machine.discard();
            }
            template.seal();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot save a template of " + kind.shape() + " with "
                            + kind.accelerator().name() + ": " + e.getMessage(),
                    "VMs boot without it, but more slowly. See the daemon's log.",
                    e);
        }
    }

    /** The start of the machine to be saved, with its files in a directory. */
    private static Launch launch(Template.Kind kind, Path directory) {
        Path disk = directory.resolve("making.disk");
        VmSpec spec = VmSpec.ofNone("template", kind.shape(), disk, DiskChain.MAX_SIZE_MB, directory);
        return new Launch(spec, kind.image(), kind.accelerator());
    }

    /** Notes that a process maps a template, until that has ended. */
    void use(Template template, CompletableFuture<?> exit) {
        mapped.add(template.directory());
        var _ = exit.whenComplete((_, _) -> mapped.remove(template.directory()));
    }

    /** All of them, and what a killed daemon left half made. */
    List<Vmm.Saved> saved() {
        try {
            List<Vmm.Saved> all = new ArrayList<>();
            for (Path each : entries(root, Templates::isWhole)) {
                Instant used = mapped.contains(each) ? Instant.now() : lastUse(each);
                all.add(new Vmm.Saved(each, used, () -> discard(each, "not used since " + used)));
            }
            for (Path left : leftovers()) {
                all.add(new Vmm.Saved(left, Instant.EPOCH, () -> discard(left, "it was incomplete")));
            }
            return all;
        } catch (IOException none) {
            return List.of();
        }
    }

    /** What is half made; nothing while one is in the making. */
    private List<Path> leftovers() throws IOException {
        if (!making.tryAcquire()) {
            return List.of();
        }
        try (FileChannel lockFile = lockFile()) {
            return lockFile.tryLock() == null ? List.of() : entries(root, Templates::isUnfinished);
        } finally {
            making.release();
        }
    }

    /** Deletes a template. VMs that run from it keep its files open and go on. */
    void discard(Path template, String reason) {
        settings.log().accept("template: deleting " + template + ": " + reason);
        try {
            // Renamed first, so that no start finds half a template.
            Path doomed = Files.createTempDirectory(root, UNFINISHED);
            Files.move(template, doomed.resolve("doomed"));
            PrivateDirectory.remove(doomed);
        } catch (IOException e) {
            settings.log().accept("template: cannot delete it: " + HostError.text(e));
        }
    }

    private void evict() throws IOException {
        List<Path> templates = entries(root, Templates::isWhole).stream()
                .sorted(Comparator.comparing(Templates::lastUse))
                .toList();
        for (int i = 0; i <= templates.size() - settings.templateLimit(); i++) {
            discard(templates.get(i), "it is the least recently used of " + templates.size());
        }
    }

    private static List<Path> entries(Path root, Predicate<Path> kind) throws IOException {
        return PrivateDirectory.list(root).stream().filter(kind).toList();
    }

    private static boolean isWhole(Path entry) {
        return Template.isAt(entry) && !isUnfinished(entry);
    }

    private static boolean isUnfinished(Path entry) {
        return entry.getFileName().toString().startsWith(UNFINISHED);
    }

    /** The epoch where it is gone. */
    private static Instant lastUse(Path directory) {
        return Instant.ofEpochMilli(directory.toFile().lastModified());
    }

    /** Where that of a kind is. Whatever it depends on is in the name, so that a change there makes another one. */
    private Template template(Template.Kind kind) {
        return new Template(directories.computeIfAbsent(
                kind.unmeasured(),
                key -> root.resolve(Fingerprint.of(machines.key(launch(key, Path.of("/key"))) + "\n"
                        + settings.diskSizeMb() + "\nformat " + Template.FORMAT + "\n"))));
    }
}
