package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.Names.Handle;
import dev.aegisvm.api.Names.InstanceId;
import dev.aegisvm.api.VmLimits;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ImageUse;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.host.SparseFile.Extent;
import dev.aegisvm.image.OwnImages;
import dev.aegisvm.vmm.disk.InstanceDisk;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * What a file with a snapshot begins with. Of the instance it has what makes it run; what it may do on a host is the host's to say.
 *
 * @param takenAt in milliseconds since 1970
 * @param memory whether what ran is in it
 * @param root the file that the instance's image was; its memory knows the blocks of it
 * @param instance its name
 * @param image absent: the usual one
 * @param network the word of a mode
 * @param parts the files, in the order in which their data follows
 */
@Json
record Head(
        int version,
        String name,
        @Nullable String note,
        long takenAt,
        boolean memory,
        String root,
        String instance,
        @Nullable ImageUse image,
        List<String> command,
        Map<String, String> env,
        int memoryMb,
        int vcpus,
        int diskMb,
        String network,
        @Nullable String cwd,
        @Nullable String user,
        List<Part> parts) {
    static final int VERSION = 1;
    private static final int MOST_PARTS = 110;
    /** The first file of a disk; {@code .1} and so on stand behind the names of those over it. */
    private static final String DISK = "disk.raw";

    private static final int LONGEST_NOTE = 1000;

    Head {
        parts = List.copyOf(parts);
        command = List.copyOf(command);
        env = Map.copyOf(env);
        // The parser lets a key be absent.
        Stream.of(name, root, instance, network).forEach(Objects::requireNonNull);
        if (image != null) {
            Stream.of(image.ref(), image.name(), image.digest(), image.workdir(), image.user())
                    .forEach(Objects::requireNonNull);
        }
    }

    /**
     * A file.
     *
     * @param data where in it something is, rising: a place and a length for each piece; all else is zero
     */
    @Json
    record Part(String name, long size, List<Long> data) {
        private static final Pattern NAME = Pattern.compile("[a-z]{1,20}|disk\\.raw(\\.[1-9]\\d{0,2})?");
        private static final int MOST_PIECES = 500_000;
        /** Of what the daemon reads as a whole. */
        private static final long LARGEST_LIST = 4 << 20;

        Part {
            data = List.copyOf(data);
        }

        static Part of(Path file) throws IOException {
            List<Long> data = SparseFile.extents(file).stream()
                    .flatMap(extent -> Stream.of(extent.offset(), extent.length()))
                    .toList();
            return new Part(file.getFileName().toString(), Files.size(file), data);
        }

        List<Extent> extents() {
            return IntStream.range(0, data.size() / 2)
                    .mapToObj(piece -> new Extent(data.get(2 * piece), data.get(2 * piece + 1)))
                    .toList();
        }

        long bytes() {
            return extents().stream().mapToLong(Extent::length).sum();
        }

        private void check(int diskMb, int memoryMb) {
            require(NAME.matcher(name).matches(), "a file has an invalid name");
            boolean disk = name.startsWith(DISK);
            boolean large = disk || name.equals("machine");
            require(
                    size >= 0 && size <= (large ? 2 * InstanceDisk.DEVICE_BYTES : LARGEST_LIST),
                    name + " is too large");
            require(data.size() % 2 == 0 && data.size() <= 2 * MOST_PIECES, name + " has too many separate parts");
            long end = 0;
            for (Extent extent : extents()) {
                boolean rising = extent.offset() >= end && extent.length() > 0;
                require(rising && extent.length() <= size - extent.offset(), name + " has parts beyond its own end");
                end = extent.offset() + extent.length();
            }
            int mostMb = disk ? diskMb : memoryMb;
            // Beside what the guest wrote there are tables, or the state of devices.
            require(bytes() >> 20 <= mostMb + mostMb / 16 + 64, name + " is larger than its instance's disk limit");
        }
    }

    static Head of(SnapshotRecord snapshot, String root, List<Part> parts) {
        InstanceSpec spec = snapshot.spec();
        boolean copied = spec.mounts().workspace().filter(Workspace::isCopy).isPresent();
        return new Head(
                VERSION,
                snapshot.name(),
                snapshot.note().orElse(null),
                snapshot.takenAt().toEpochMilli(),
                snapshot.memory(),
                root,
                spec.handle().orElse("snapshot"),
                spec.image().orElse(null),
                spec.environment().command(),
                spec.environment().env(),
                spec.size().memoryMb(),
                spec.size().vcpus(),
                spec.size().diskMb(),
                spec.network().word(),
                spec.environment().cwd().orElse(copied ? Workspace.GUEST_PATH : null),
                spec.environment().user().orElse(null),
                parts);
    }

    /** That of its image. */
    String digest() {
        return image == null ? OwnImages.BASE : image.digest();
    }

    /** Of all files. */
    long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /**
     * Refuses what no snapshot can be.
     *
     * @throws RuntimeException says why
     */
    void check() {
        require(version == VERSION, "it has format version " + version + ", but this AegisVM reads version " + VERSION);
        require(note == null || note.length() <= LONGEST_NOTE, "its note is too long");
        boolean fits = Integer.bitCount(memoryMb) == 1
                && memoryMb >= VmLimits.MIN_MEMORY_MB
                && memoryMb <= VmLimits.MAX_MEMORY_MB
                && vcpus >= 1
                && vcpus <= VmLimits.MAX_VCPUS
                && diskMb >= VmLimits.MIN_DISK_MB
                && diskMb <= VmLimits.MAX_DISK_MB;
        require(fits, "it has an invalid memory, CPU or disk size");
        require(parts.size() <= MOST_PARTS, "it has too many files");
        parts.forEach(part -> part.check(diskMb, memoryMb));
        checkChain();
        checkInstance();
    }

    /** Each file of the disk is over the one before. */
    private void checkChain() {
        Set<String> names = parts.stream().map(Part::name).collect(Collectors.toSet());
        require(names.size() == parts.size(), "it contains a file twice");
        long files = names.stream().filter(each -> each.startsWith(DISK)).count();
        boolean whole = LongStream.range(1, files).allMatch(overlay -> names.contains(DISK + "." + overlay));
        require(whole && names.contains(DISK), "a file of its disk is missing");
    }

    private void checkInstance() {
        long latest = Instant.now().plus(1, ChronoUnit.DAYS).toEpochMilli(); // Another host's clock may be ahead.
        require(takenAt >= 0 && takenAt <= latest, "its date is before 1970 or in the future");
        Stream.of(name, instance).forEach(Handle::new);
        Environment.checkCommand(command);
        Environment.checkEnv(env);
        Optional.ofNullable(cwd).ifPresent(Environment::checkCwd);
        Optional.ofNullable(user).ifPresent(Environment::checkUser);
        if (image != null) {
            var _ = ImageStock.reference(image.name());
            Environment.checkEnv(image.env());
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * The snapshot here, of an instance that is not here.
     *
     * @param as what it is called
     * @param network the most that it may reach
     */
    SnapshotRecord record(String as, boolean withMemory, Egress network) {
        InstanceSpec spec = InstanceSpec.of(InstanceSpec.newName(InstanceId.PREFIX), new Size(memoryMb, vcpus, diskMb))
                .handle(Optional.of(new Handle(instance).value()))
                .image(Optional.ofNullable(image))
                .environment(Environment.NONE
                        .with()
                        .command(command)
                        .env(env)
                        .cwd(Optional.ofNullable(cwd))
                        .user(Optional.ofNullable(user))
                        .build())
                .network(network)
                .createdAt(Instant.ofEpochMilli(takenAt))
                .build();
        return new SnapshotRecord(
                InstanceSpec.newName(SnapshotRecord.PREFIX),
                new Handle(as).value(),
                Optional.ofNullable(note),
                Instant.ofEpochMilli(takenAt),
                withMemory,
                false,
                spec);
    }
}
