package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.Program;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.Layers;
import dev.aegisvm.vmm.disk.DiskChain;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A disk with layers becomes one raw file, by QEMU in its jail: all of it, at any moment, and nothing of the host. */
@Tag("vm")
@NotInOuterVm("no VM of it has a say in this")
class FlattenTest {
    private static final String CANARY = "a secret of the host";

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @TempDir
    Path directory;

    private Path cache;
    private Path scratch;
    private Layers layers;

    @BeforeEach
    void open() throws IOException {
        cache = Files.createDirectory(directory.resolve("cache"));
        scratch = Files.createDirectory(directory.resolve("s"));
        layers = FlattenedDisk.layers(cache);
    }

    /** Flattens it, and says how long that took and how large the file is. */
    private void flatten(DiskChain disk, long bytes) throws Exception {
        long before = disk.usedBytes();
        long begin = System.nanoTime();
        disk.flatten(layers, bytes, scratch, _ -> {});
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertThat(disk.files()).hasSize(1);
        Path sparse = directory.resolve("sparse");
        Program.run(List.of("cp", "--sparse=always", disk.disk().toString(), sparse.toString()));
        long flat = SparseFile.allocatedBytes(disk.disk());
        long least = SparseFile.allocatedBytes(sparse);
        Files.delete(sparse);
        System.out.println("flattened " + (before >> 10) + " KiB in " + millis + " ms to " + (flat >> 10)
                + " KiB; a sparse copy has " + (least >> 10) + " KiB");
        assertThat(flat).isLessThanOrEqualTo(least + least / 5);
    }

    @Test
    void whatAGuestHasWrittenOverThreeSnapshotsIsThere() throws Exception {
        HOME.aegis("instance", "start", "--name", "box", "--", "sleep", "600").ok();
        for (int i = 1; i <= 3; i++) {
            String write = "echo " + i + " > /root/now; echo " + i + " > /root/f" + i
                    + "; mkdir /root/d" + i + "; for j in $(seq 200); do echo $j > /root/d" + i + "/$j; done;"
                    + " head -c 8000000 /dev/urandom > /root/r" + i + "; sync; rm -f /root/r" + (i - 1) + "; sync";
            HOME.aegis("exec", "box", "--", "sh", "-c", write).ok();
            HOME.aegis("snapshot", "create", "box", "s" + i, "--disk-only").ok();
        }
        HOME.aegis("exec", "box", "--", "sh", "-c", "echo 4 > /root/now; sync").ok();
        HOME.aegis("stop", "box").ok();
        Path own;
        try (Stream<Path> all = Files.list(HOME.directory().resolve("data/instances"))) {
            own = all.findFirst().orElseThrow();
        }
        DiskChain disk = DiskChain.in(own);
        assertThat(disk.files()).hasSizeGreaterThan(3);
        flatten(disk, 8192L << 20);
        String read = "cat /root/now /root/f1 /root/f2 /root/f3; ls /root/d1 /root/d2 /root/d3 | wc -l; ls /root/r*";
        HOME.aegis("instance", "start", "--name", "box").ok();
        assertThat(HOME.aegis("exec", "box", "--", "sh", "-c", read)
                        .ok()
                        .stdout()
                        .lines())
                .startsWith("4", "1", "2", "3")
                .endsWith("/root/r3");
        HOME.aegis("fork", "s2", "--disk-only", "--name", "then").ok();
        assertThat(HOME.aegis("exec", "then", "--", "cat", "/root/now").ok().stdout())
                .isEqualTo("2\n");
    }

    @Test
    void aKillAtAnyMomentLosesNothing() throws Exception {
        DiskChain whole = FlattenedDisk.make(directory.resolve("whole"), cache, 3, 24);
        Path original = directory.resolve("whole");
        DiskChain kept = DiskChain.in(Files.createDirectory(directory.resolve("kept")));
        Program.run(List.of(
                "cp",
                "-a",
                "--sparse=always",
                original.toString(),
                directory.resolve("expected").toString()));
        DiskChain first = DiskChain.in(directory.resolve("expected"));
        first.flatten(layers, FlattenedDisk.BYTES, scratch, _ -> {});
        SortedMap<Long, String> expected = FlattenedDisk.contents(first.disk());
        assertThat(expected).hasSizeGreaterThan(4 * 24 * 256 / 2);
        boolean done = false;
        Set<Set<String>> states = new HashSet<>();
        for (int events = 1; !done; events++) {
            Path copy = directory.resolve("copy" + events);
            Program.run(List.of("cp", "-a", "--sparse=always", original.toString(), copy.toString()));
            done = killed(copy, events);
            states.add(names(copy));
            DiskChain left = DiskChain.in(copy);
            Path others = Files.createDirectory(directory.resolve("other" + events));
            DiskChain other = DiskChain.in(others);
            other.link(left.files());
            left.flatten(layers, FlattenedDisk.BYTES, scratch, _ -> {});
            assertThat(FlattenedDisk.contents(left.disk()))
                    .as("after %s events", events)
                    .isEqualTo(expected);
            assertThat(names(copy)).containsExactly("disk.raw");
            Program.run(List.of("rm", "-rf", copy.toString(), others.toString()));
        }
        assertThat(states).as("what a kill has left").hasSizeGreaterThan(1);
        kept.link(whole.files());
        flatten(whole, FlattenedDisk.BYTES);
        assertThat(kept.files()).as("the snapshot's").hasSize(4);
        kept.flatten(layers, FlattenedDisk.BYTES, scratch, _ -> {});
        assertThat(FlattenedDisk.contents(kept.disk())).isEqualTo(expected);
    }

    private static String said(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /** Kills the process after so many changes of the directory; true when it was done before. */
    private boolean killed(Path disk, int events) throws Exception {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            disk.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_DELETE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            Process process =
                    FlattenedDisk.command(List.of(), disk, scratch, cache).start();
            int seen = 0;
            while (seen < events && process.isAlive()) {
                WatchKey key = watch.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    seen += key.pollEvents().size();
                    key.reset();
                }
            }
            boolean done = seen < events;
            process.toHandle().destroyForcibly();
            assertThat(said(process))
                    .as("what the process says")
                    .startsWith("begins")
                    .doesNotContain("refused", "xception");
            return done;
        }
    }

    @Test
    void withoutRoomItIsRefusedBeforeAnythingIsWritten() throws Exception {
        Path place = Files.createDirectory(directory.resolve("small"));
        try (SmallDisk small = new SmallDisk(place, 64)) {
            FlattenedDisk.make(small.file("d"), cache, 1, 8);
            Process process = FlattenedDisk.command(small.enter(), place.resolve("d"), scratch, cache)
                    .start();
            assertThat(said(process))
                    .containsPattern("refused: cannot make one file of the disk \\S+:"
                            + " one file of it may take 1\\d MB, and only \\d+ MB are free");
            assertThat(names(small.file("d"))).containsExactlyInAnyOrder("disk.raw", "disk.raw.1");
        }
    }

    @Test
    void withoutQemuASentenceSaysWhatIsMissing() throws Exception {
        FlattenedDisk.make(directory.resolve("disk"), cache, 2, 1);
        ProcessBuilder without = FlattenedDisk.command(List.of(), directory.resolve("disk"), scratch, cache);
        without.environment().put("PATH", scratch.toString());
        assertThat(said(without.start()))
                .contains("refused: the disk has 2 layers", "cannot run QEMU", "| Install it: ");
        assertThat(names(directory.resolve("disk"))).hasSize(3).doesNotContain("disk.raw.unfinished");
    }

    /** The layer of a person elsewhere, whose data are said to be in another file. */
    private Path hostile(DiskChain disk, int bit, int at, String name) throws IOException {
        Path layer = disk.top();
        try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
            byte[] path = name.getBytes(StandardCharsets.US_ASCII);
            if (bit == 0) {
                file.seek(8); // the place and the length of the name of what is below
                file.writeLong(at);
                file.writeInt(path.length);
                file.seek(at);
            } else {
                file.seek(79);
                file.write(bit);
                file.seek(at); // a header extension
                file.writeInt(0x44415441);
                file.writeInt(path.length);
            }
            file.write(path);
        }
        return layer;
    }

    @Test
    void aLayerThatNamesAFileOfTheHostDoesNotShowIt() throws Exception {
        Path canary = directory.resolve("canary");
        Files.writeString(canary, CANARY.repeat(10_000));
        DiskChain below = FlattenedDisk.make(directory.resolve("below"), cache, 1, 1);
        hostile(below, 0, 512, canary.toString());
        flatten(below, FlattenedDisk.BYTES);
        try (InputStream content = Files.newInputStream(below.disk())) {
            assertThat(new String(content.readNBytes(32 << 20), StandardCharsets.ISO_8859_1))
                    .doesNotContain(CANARY);
        }

        DiskChain beside = FlattenedDisk.make(directory.resolve("beside"), cache, 1, 1);
        Path layer = hostile(beside, 4, 104, canary.toString());
        assertThatThrownBy(() -> beside.flatten(layers, FlattenedDisk.BYTES, scratch, _ -> {}))
                .hasMessageContaining("disk.raw.1 is not a valid disk overlay");
        Path raw = directory.resolve("raw");
        SparseFile.create(raw, 64L << 30);
        assertThatThrownBy(() -> layers.apply(List.of(layer), raw, scratch))
                .as("the jail, if the check were not there")
                .hasMessageContaining("QEMU did not read its layers")
                .hasMessageContaining("No such file");
        assertThat(FlattenedDisk.contents(raw)).isEmpty();
    }
}
