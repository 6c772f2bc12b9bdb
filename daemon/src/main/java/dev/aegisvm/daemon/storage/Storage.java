package dev.aegisvm.daemon.storage;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SystemViews.StorageView;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * What is kept on the host's disk, and which of it can go. Sizes are those of allocated blocks. What an instance is
 * made of, or a VM runs from, never goes; nor do disks, snapshots, workspaces, and the newest file of each log.
 */
public final class Storage {
    private static final Pattern ROTATED_LOG = Pattern.compile("inst-.*\\.ndjson\\.\\d+");

    private final Home home;
    private final Vmm vmm;
    private final ImageStock images;
    /** Files of the guest that this daemon starts, whatever is prepared later. */
    private final Set<Path> ours;

    public Storage(Home home, Vmm vmm, ImageStock images) {
        this.home = home;
        this.vmm = vmm;
        this.images = images;
        this.ours = prepared(home);
    }

    /** @param stay how long things stay when they are not used, unless another time is given */
    private record Part(String name, Duration stay, Supplier<List<Item>> items) {}

    private Stream<Part> parts() {
        return Stream.of(
                new Part("guest", Duration.ZERO, this::guest),
                // One that was used since is likely to be wanted again, and takes seconds to make.
                new Part("templates", Duration.ofDays(1), this::templates),
                new Part("images", Duration.ZERO, this::pulled),
                new Part("disks", Duration.ZERO, () -> files(home.instances(), _ -> true)),
                new Part("snapshots", Duration.ZERO, () -> files(home.snapshots(), _ -> true)),
                // Outputs of execs, which go by themselves.
                new Part("execs", Duration.ZERO, () -> files(home.execs(), _ -> true)),
                new Part("logs", Duration.ofDays(36_500), () -> files(home.logs(), log -> !isRotated(log))));
    }

    /** A thing on the disk, and since when it is not used; the far future where it is needed. */
    private record Item(long bytes, Instant unusedSince, Runnable removal) {
        static Item file(Path file, boolean needed) {
            return new Item(
                    SparseFile.treeBytes(file), needed ? Instant.MAX : changed(file), () -> Storage.remove(file));
        }
    }

    public List<StorageView> list() {
        return each((part, items) -> new StorageView(
                part.name,
                items.size(),
                bytes(items),
                bytes(unused(items, Instant.now().minus(part.stay)))));
    }

    /** Removes what is not used, but for what was used within that time; says how much of each part. */
    public synchronized List<StorageView> prune(Optional<Duration> olderThan) {
        return each((part, items) -> {
            List<Item> going = unused(items, Instant.now().minus(olderThan.orElse(part.stay)));
            going.forEach(item -> item.removal().run());
            return new StorageView(part.name, going.size(), bytes(going), null);
        });
    }

    private List<StorageView> each(BiFunction<Part, List<Item>, StorageView> work) {
        return parts().map(part -> work.apply(part, part.items.get())).toList();
    }

    private static List<Item> unused(List<Item> items, Instant before) {
        return items.stream()
                .filter(item -> item.unusedSince().isBefore(before))
                .toList();
    }

    private static long bytes(List<Item> items) {
        return items.stream().mapToLong(Item::bytes).sum();
    }

    private static void remove(Path file) {
        try {
            PrivateDirectory.remove(file);
        } catch (IOException obstacle) {
            throw ErrorCode.IMAGE_STORAGE.refusal(
                    "cannot remove " + file + ": " + HostError.reason(obstacle), obstacle);
        }
    }

    private List<Item> templates() {
        return vmm.saved().stream()
                .map(saved -> new Item(SparseFile.treeBytes(saved.directory()), saved.used(), saved.discard()))
                .toList();
    }

    /** The rest of the cache. Files of guests that neither this daemon nor the next one starts can go. */
    private List<Item> guest() {
        Set<Path> needed = new HashSet<>(ours);
        Set<Path> next = prepared(home);
        needed.addAll(next);
        List<Path> others = new ArrayList<>(List.of(home.images()));
        vmm.saved().forEach(saved -> others.add(saved.directory()));
        return children(home.cache())
                .filter(file -> others.stream().noneMatch(other -> other.startsWith(file)))
                .map(file -> {
                    // The kernel is in a directory of its own.
                    boolean named = next.isEmpty() || needed.stream().anyMatch(part -> part.startsWith(file));
                    return Item.file(file, named || !Home.isOfGuest(file));
                })
                .toList();
    }

    private static Set<Path> prepared(Home home) {
        Properties named = new Properties();
        try (Reader list = Files.newBufferedReader(home.guestProperties())) {
            named.load(list);
        } catch (IOException | IllegalArgumentException none) {
            return Set.of();
        }
        return named.values().stream().map(file -> Path.of((String) file)).collect(Collectors.toSet());
    }

    /** AegisVM's own images are files of the guest. */
    private List<Item> pulled() {
        return images.list(UnaryOperator.identity()).stream()
                .filter(image -> image.digest().startsWith("sha256:"))
                .map(image -> new Item(
                        image.sizeBytes(),
                        image.usedBy().isEmpty() ? image.createdAt() : Instant.MAX,
                        () -> images.delete(image.digest(), UnaryOperator.identity())))
                .toList();
    }

    private static List<Item> files(Path directory, Predicate<Path> needed) {
        return children(directory)
                .map(file -> Item.file(file, needed.test(file)))
                .toList();
    }

    private static boolean isRotated(Path log) {
        return ROTATED_LOG.matcher(log.getFileName().toString()).matches();
    }

    private static Instant changed(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException gone) {
            return Instant.MAX;
        }
    }

    private static Stream<Path> children(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.sorted().toList().stream();
        } catch (IOException none) {
            return Stream.of();
        }
    }
}
