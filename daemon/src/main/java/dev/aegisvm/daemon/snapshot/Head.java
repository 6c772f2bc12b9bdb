package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ImageUse;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.host.SparseFile.Extent;
import dev.aegisvm.vmm.disk.SavedFiles;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * What a file with a snapshot begins with.
 *
 * @param takenAt in milliseconds since 1970
 * @param backend by which its memory was saved; empty: that is not said; absent: it is the disk alone
 * @param root the file that the instance's image was; its memory knows the blocks of it
 * @param parts the files, in the order in which their data follows
 */
@Json
record Head(
        int version,
        String name,
        @Nullable String note,
        long takenAt,
        @Nullable String backend,
        String root,
        InstanceSpec spec,
        List<Part> parts) {
    private static final int VERSION = 2;
    private static final int LONGEST_NOTE = 1000;
    private static final JsonType<Head> JSON = SpecJson.strict().type(Head.class);
    private static final JsonType<Version> VERSIONS = SpecJson.json().type(Version.class);
    private static final JsonType<First> FIRST = SpecJson.strict().type(First.class);

    Head {
        parts = List.copyOf(parts);
        // The parser lets a key be absent.
        Stream.of(name, root, spec).forEach(Objects::requireNonNull);
    }

    /** What all versions have in common. */
    @Json
    record Version(int version) {}

    /** The first version: it had a place of its own for each part of the spec. */
    @Json
    record First(
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
        First {
            Stream.of(name, root, instance, command, env, network, parts).forEach(Objects::requireNonNull);
        }

        Head now() {
            InstanceSpec spec = InstanceSpec.of("", new Size(memoryMb, vcpus, diskMb))
                    .handle(Optional.of(instance))
                    .createdAt(Instant.ofEpochMilli(takenAt))
                    .image(Optional.ofNullable(image))
                    .environment(Environment.NONE
                            .with()
                            .command(command)
                            .env(env)
                            .cwd(Optional.ofNullable(cwd))
                            .user(Optional.ofNullable(user))
                            .build())
                    .network(Egress.OPEN.within(network))
                    .build();
            return new Head(VERSION, name, note, takenAt, memory ? "" : null, root, spec, parts);
        }
    }

    /** Reads one of any version; what is wrong with it is an exception of some kind. */
    static Head parse(byte[] json) throws IOException {
        int version = ApiJson.request(VERSIONS, json).version();
        return switch (version) {
            case 1 -> whole(FIRST, json).now();
            case VERSION -> whole(JSON, json);
            default ->
                throw new IOException(
                        "it has format version " + version + ", but this AegisVM reads versions 1 to " + VERSION);
        };
    }

    /** What was read is all that was there. */
    private static <T> T whole(JsonType<T> type, byte[] json) throws IOException {
        T read = ApiJson.request(type, json);
        if (type.toJsonBytes(read).length != json.length) {
            throw new IOException("its header is damaged");
        }
        return read;
    }

    byte[] json() {
        return JSON.toJsonBytes(this);
    }

    /**
     * A file.
     *
     * @param data where in it something is, rising: a place and a length for each piece; all else is zero
     */
    @Json
    record Part(String name, long size, List<Long> data) {
        private static final int MOST_PIECES = 500_000;

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

        private void check(Size instance) {
            SavedFiles.Limit limit = SavedFiles.limit(name, instance.diskMb(), instance.memoryMb());
            require(size >= 0 && size <= limit.length(), name + " is too large");
            require(data.size() % 2 == 0 && data.size() <= 2 * MOST_PIECES, name + " has too many separate parts");
            long end = 0;
            for (Extent extent : extents()) {
                boolean rising = extent.offset() >= end && extent.length() > 0;
                require(rising && extent.length() <= size - extent.offset(), name + " has parts beyond its own end");
                end = extent.offset() + extent.length();
            }
            require(bytes() <= limit.data(), name + " is larger than its instance's disk limit");
        }
    }

    static Head of(SnapshotRecord snapshot, String root, List<Part> parts) {
        return new Head(
                VERSION,
                snapshot.name(),
                snapshot.note().orElse(null),
                snapshot.takenAt().toEpochMilli(),
                snapshot.backend().orElse(null),
                root,
                portable(snapshot.spec()),
                parts);
    }

    /** What makes an instance run; what it may do on a host is the host's to say. */
    private static InstanceSpec portable(InstanceSpec spec) {
        Environment all = spec.environment();
        boolean copied = spec.mounts().workspace().filter(Workspace::isCopy).isPresent();
        return InstanceSpec.of(spec.id(), spec.size())
                .handle(Optional.of(spec.handle().orElse("snapshot")))
                .createdAt(spec.createdAt())
                .image(spec.image())
                .environment(Environment.NONE
                        .with()
                        .command(all.command())
                        .env(all.env())
                        .cwd(all.cwd().or(() -> copied ? Optional.of(Workspace.GUEST_PATH) : Optional.empty()))
                        .user(all.user())
                        .build())
                .network(Egress.OPEN.within(spec.network().word()))
                .build();
    }

    long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /** Refuses what no snapshot can be, by an exception that says why. */
    void check() {
        require(note == null || note.length() <= LONGEST_NOTE, "its note is too long");
        require(backend == null || backend.matches("[a-z0-9-]{0,32}"), "the name of its backend is invalid");
        Size size = spec.size();
        boolean fits = Integer.bitCount(size.memoryMb()) == 1
                && size.memoryMb() >= VmLimits.MIN_MEMORY_MB
                && size.memoryMb() <= VmLimits.MAX_MEMORY_MB
                && size.vcpus() >= 1
                && size.vcpus() <= VmLimits.MAX_VCPUS
                && size.diskMb() >= VmLimits.MIN_DISK_MB
                && size.diskMb() <= VmLimits.MAX_DISK_MB;
        require(fits, "it has an invalid memory, CPU or disk size");
        parts.forEach(part -> part.check(size));
        SavedFiles.check(parts.stream().map(Part::name).toList());
        checkInstance();
    }

    private void checkInstance() {
        long latest = Instant.now().plus(1, ChronoUnit.DAYS).toEpochMilli(); // Another host's clock may be ahead.
        require(takenAt >= 0 && takenAt <= latest, "its date is before 1970 or in the future");
        Stream.of(name, spec.handle().orElse("")).forEach(Names::handle);
        Environment environment = spec.environment();
        Environment.checkCommand(environment.command());
        Environment.checkEnv(environment.env());
        environment.cwd().ifPresent(Environment::checkCwd);
        environment.user().ifPresent(Environment::checkUser);
        spec.image().ifPresent(image -> {
            var _ = ImageStock.reference(image.name());
            Environment.checkEnv(image.env());
        });
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * The snapshot here, of an instance that is not here.
     *
     * @param backend by which VMs can go on from its memory here; empty: there is the disk alone
     */
    SnapshotRecord record(String as, Optional<String> backend, Egress network) {
        return new SnapshotRecord(
                InstanceSpec.newName(SnapshotRecord.PREFIX),
                Names.handle(as),
                Optional.ofNullable(note),
                Instant.ofEpochMilli(takenAt),
                backend,
                false,
                portable(spec)
                        .with()
                        .id(InstanceSpec.newName(Names.ID_PREFIX))
                        .network(network)
                        .createdAt(Instant.ofEpochMilli(takenAt))
                        .build());
    }
}
