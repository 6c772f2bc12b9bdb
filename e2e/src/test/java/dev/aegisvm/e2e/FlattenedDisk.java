package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.Layers;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.qemu.QemuMachines;

/** A disk with layers whose contents are known, and a program that makes one file of it, which can be killed. */
final class FlattenedDisk {
    static final long BYTES = 1L << 30;
    private static final int BLOCK = 4096;
    private static final Path LAUNCHER =
            Path.of("../host/jail/build", Jail.PROGRAM).toAbsolutePath().normalize();

    private FlattenedDisk() {}

    static Layers layers(Path cache) {
        Jail jail = new Jail(
                LAUNCHER, new Jail.Rules(new Uids(0x7000_0000, 1000), Cgroup.none("in a test"), false), List.of(cache));
        return new QemuMachines(jail, cache).capabilities().layers();
    }

    /**
     * Does it to the disk in a directory.
     *
     * @param arguments that directory, one for sockets, a cache, and how much of the disk the guest can reach
     */
    public static void main(String[] arguments) {
        System.out.println("begins");
        try {
            flatten(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), Long.parseLong(arguments[3]));
            System.out.println("done");
        } catch (VmmException refusal) {
            System.out.println("refused: " + refusal.getMessage() + " | " + refusal.hint());
        } catch (IOException obstacle) {
            System.out.println("refused: " + obstacle.getMessage());
        }
    }

    static void flatten(Path directory, Path scratch, Path cache, long bytes) throws IOException, VmmException {
        DiskChain.in(directory).flatten(layers(cache), bytes, scratch, _ -> {});
    }

    /**
     * The command that does the same in a process of its own.
     *
     * @param before the words before it
     */
    static ProcessBuilder command(List<String> before, Path directory, Path scratch, Path cache) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FlattenedDisk.class.getName(),
                directory.toString(),
                scratch.toString(),
                cache.toString(),
                Long.toString(BYTES)));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** A chain of one raw file and some layers, each with other data in its own places and over those of the one below. */
    static DiskChain make(Path directory, Path cache, int layers, int megabytes) throws Exception {
        DiskChain disk = DiskChain.in(Files.createDirectories(directory));
        SparseFile.create(disk.disk(), 64L << 30);
        write(disk, "0", 'a', megabytes);
        for (int layer = 1; layer <= layers; layer++) {
            disk.extend(layers(cache), BYTES);
            write(disk, (layer * 16) + "M", (char) ('a' + layer), megabytes);
        }
        return disk;
    }

    /** The files of a disk as a node that QEMU calls {@code top}. */
    private static String node(List<Path> files) {
        String node = "{\"driver\":\"raw\",\"discard\":\"unmap\",\"file\":{\"driver\":\"file\",\"filename\":\""
                + files.getFirst() + "\"}}";
        for (Path layer : files.subList(1, files.size())) {
            node = "{\"driver\":\"qcow2\",\"discard\":\"unmap\",\"file\":{\"driver\":\"file\",\"filename\":\"" + layer
                    + "\"},\"backing\":" + node + "}";
        }
        return "{\"node-name\":\"top\"," + node.substring(1);
    }

    /** Has QEMU write to the last file: a run of bytes, a small piece far off, and zeros over some of what there is. */
    private static void write(DiskChain disk, String at, char pattern, int megabytes) throws Exception {
        String node = node(disk.files());
        Process qemu = new ProcessBuilder(
                        "qemu-system-x86_64",
                        "-M",
                        "none",
                        "-nodefaults",
                        "-display",
                        "none",
                        "-accel",
                        "tcg",
                        "-qmp",
                        "stdio",
                        "-blockdev",
                        node)
                .redirectErrorStream(true)
                .start();
        try (var commands = qemu.outputWriter();
                var answers = qemu.inputReader()) {
            commands.write("{\"execute\":\"qmp_capabilities\"}\n");
            for (String each : List.of(
                    "write -P " + (int) pattern + " " + at + " " + megabytes + "M",
                    "write -P " + (int) pattern + " " + (600 + pattern) + "M 4k",
                    "write -z -u " + at + " 64k")) {
                commands.write(
                        "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"qemu-io top \\\""
                                + each + "\\\"\"}}\n");
            }
            commands.write("{\"execute\":\"quit\"}\n");
            commands.flush();
            List<String> said = answers.readAllLines();
            assertThat(said).noneMatch(line -> line.contains("error") || line.contains("failed"));
        }
        assertThat(qemu.waitFor()).isZero();
    }

    /** What a disk has in it: each block that is not zero, by its place. */
    static SortedMap<Long, String> contents(Path raw) throws IOException {
        SortedMap<Long, String> found = new TreeMap<>();
        try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "r")) {
            for (SparseFile.Extent extent : SparseFile.extents(raw)) {
                addBlocks(file, extent, found);
            }
        }
        return found;
    }

    private static void addBlocks(RandomAccessFile file, SparseFile.Extent extent, Map<Long, String> found)
            throws IOException {
        byte[] zeros = new byte[BLOCK];
        byte[] block = new byte[BLOCK];
        for (long at = extent.offset() / BLOCK * BLOCK; at < extent.offset() + extent.length(); at += BLOCK) {
            file.seek(at);
            file.readFully(block);
            if (!Arrays.equals(block, zeros)) {
                found.put(at, Integer.toHexString(Arrays.hashCode(block)));
            }
        }
    }
}
