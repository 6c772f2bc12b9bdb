package dev.aegisvm.vmm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.fake.FakeLayers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskChainTest {
    private static final long BYTES = 1L << 30;
    private static final Layers LAYERS = new FakeLayers();
    /** What a layer has takes the place of what is there, as with blocks: twice is as good as once. */
    private static final Layers OVER = new FakeLayers() {
        @Override
        public void apply(List<Path> files, Path raw, Path scratch) throws IOException, VmmException {
            if (!Files.readString(raw).equals("abc")) {
                super.apply(files, raw, scratch);
            }
        }
    };

    @TempDir
    Path directory;

    private DiskChain disk;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = new DiskChain(directory.resolve("disk.raw"));
        SparseFile.create(disk.disk(), BYTES);
    }

    @Test
    void itsFilesAreInTheOrderInWhichTheyWereMade() throws IOException {
        for (int i = 0; i < 11; i++) {
            disk.extend(LAYERS, BYTES);
        }
        Files.createFile(directory.resolve("disk.raw.unfinished"));
        Files.createFile(directory.resolve("other.raw.1"));
        assertThat(disk.files()).hasSize(12).startsWith(disk.disk()).endsWith(directory.resolve("disk.raw.11"));
        assertThat(disk.top()).hasFileName("disk.raw.11");
        assertThat(new DiskChain(directory.resolve("none")).usedBytes()).isNegative();
    }

    @Test
    void whatCouldNotBeWrittenToAfterwardsIsNotShared() throws IOException, VmmException {
        for (int i = 0; i < 99; i++) {
            disk.extend(LAYERS, BYTES);
        }
        assertThat(disk.shared()).hasSize(100);
        disk.extend(LAYERS, BYTES);
        assertThatThrownBy(() -> disk.shared()).hasMessageContaining("100 layers");
        assertThat(disk.own(LAYERS, BYTES)).hasSize(101);
    }

    @Test
    void anotherDiskBeginsAsItIsAndOutlivesIt() throws IOException {
        disk.extend(LAYERS, BYTES);
        DiskChain other =
                new DiskChain(Files.createDirectory(directory.resolve("copy")).resolve("own.raw"));
        other.link(disk.files());
        other.extend(LAYERS, BYTES);
        assertThat(other.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("own.raw", "own.raw.1", "own.raw.2");
        for (Path each : disk.files()) {
            Files.delete(each);
        }
        assertThat(disk.disk()).doesNotExist();
        assertThat(other.files().getFirst()).hasSize(BYTES);
    }

    @Test
    void whatIsWrittenToIsNobodyElses() throws IOException, VmmException {
        assertThat(disk.own(LAYERS, BYTES)).containsExactly(disk.disk());
        Path directory = Files.createDirectory(this.directory.resolve("copy"));
        DiskChain other = DiskChain.in(directory);
        disk.extend(LAYERS, BYTES);
        other.link(disk.files());
        Path own = directory.resolve("disk.raw.2");
        assertThat(other.own(LAYERS, BYTES))
                .as("as after a kill between two steps")
                .hasSize(3)
                .endsWith(own);
        assertThat(other.own(LAYERS, BYTES)).hasSize(3);
        Files.delete(directory.resolve("disk.raw.1"));
        assertThatThrownBy(() -> other.own(LAYERS, BYTES))
                .hasMessageContaining("the file that " + own + " is based on is missing");
    }

    @Test
    void whatCannotBeListedIsNotTakenForOneFile() {
        assertThatThrownBy(DiskChain.in(disk.disk())::files).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void aDiskWithAnUnsoundLayerIsRefused() throws IOException {
        Files.delete(disk.disk());
        SparseFile.create(disk.disk(), DiskChain.DEVICE_BYTES);
        Path layer = disk.extend(LAYERS, BYTES);
        disk.requireSound(LAYERS, BYTES);
        Files.writeString(layer, "something else");
        assertThatThrownBy(() -> disk.requireSound(LAYERS, BYTES)).hasMessageContaining("not a valid disk overlay");
    }

    @Test
    void aDiskOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> disk.requireSound(LAYERS, BYTES)).hasMessageContaining("size");
    }

    private void fill(Path file, int bytes) throws IOException {
        Files.write(file, new byte[bytes], StandardOpenOption.APPEND);
    }

    @Test
    void aLongChainIsMergedFromWhereItIsSmall() throws IOException {
        for (int i = 1; i <= 7; i++) {
            disk.extend(LAYERS, BYTES);
        }
        assertThat(DiskChain.toMerge(disk.files())).isEmpty();
        Path large = disk.extend(LAYERS, BYTES);
        assertThat(DiskChain.toMerge(disk.files())).as("never the first").hasValue(1);
        fill(directory.resolve("disk.raw.3"), 64 << 20);
        assertThat(DiskChain.toMerge(disk.files())).hasValue(4);
        fill(directory.resolve("disk.raw.7"), 64 << 20);
        fill(large, 16 << 20);
        assertThat(DiskChain.toMerge(disk.files()))
                .as("one at least, and what is not much larger")
                .hasValue(1);
    }

    @Test
    void whatWasMergedStaysWholeWheneverTheDaemonIsKilled() throws IOException, VmmException {
        for (int i = 1; i <= 5; i++) {
            disk.extend(LAYERS, BYTES);
        }
        DiskChain kept = DiskChain.in(Files.createDirectory(directory.resolve("snapshot")));
        kept.link(disk.files().subList(0, 5));
        fill(disk.top(), 100);
        long size = Files.size(disk.top());
        disk.merged(2);
        assertThat(disk.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("disk.raw", "disk.raw.1", "disk.raw.2");
        assertThat(disk.own(LAYERS, BYTES))
                .hasSize(3)
                .last()
                .satisfies(top -> assertThat(top).hasSize(size));
        assertThat(kept.files()).as("the snapshot's").hasSize(5);

        // Killed when the file had its new place, and one of those between was gone.
        disk.extend(LAYERS, BYTES);
        disk.extend(LAYERS, BYTES);
        Path top = disk.extend(LAYERS, BYTES);
        fill(top, 200);
        Files.delete(directory.resolve("disk.raw.2"));
        Files.createLink(directory.resolve("disk.raw.2"), top);
        Files.delete(directory.resolve("disk.raw.3"));
        assertThat(disk.own(LAYERS, BYTES))
                .hasSize(3)
                .last()
                .satisfies(last -> assertThat(last).hasSize(size + 100));
    }

    private static DiskChain ofTexts(Path directory, String... texts) throws IOException {
        DiskChain disk = DiskChain.in(Files.createDirectories(directory));
        Files.writeString(disk.disk(), texts[0]);
        for (String text : List.of(texts).subList(1, texts.length)) {
            Files.writeString(disk.extend(LAYERS, BYTES), text, StandardOpenOption.APPEND);
        }
        return disk;
    }

    @Test
    void aFlatDiskIsOneFileAndOthersKeepTheirs() throws Exception {
        DiskChain chain = ofTexts(directory.resolve("chain"), "a", "b", "c");
        DiskChain kept = DiskChain.in(Files.createDirectory(directory.resolve("kept")));
        kept.link(chain.files());
        chain.flatten(LAYERS, BYTES, directory, _ -> {});
        assertThat(chain.files()).containsExactly(chain.disk());
        assertThat(chain.disk()).hasContent("abc");
        assertThat(kept.files())
                .hasSize(3)
                .first()
                .satisfies(first -> assertThat(first).hasContent("a"));
        assertThat(chain.own(LAYERS, BYTES)).as("it has no other name").hasSize(1);

        DiskChain fork = DiskChain.in(Files.createDirectory(directory.resolve("fork")));
        fork.link(chain.files());
        fork.flatten(LAYERS, BYTES, directory, _ -> {});
        Files.writeString(fork.disk(), "d", StandardOpenOption.APPEND);
        assertThat(chain.disk()).as("a copy").hasContent("abc");
        FileTime time = Files.getLastModifiedTime(fork.disk());
        Object inode = Files.getAttribute(fork.disk(), "unix:ino");
        fork.flatten(LAYERS, BYTES, directory, _ -> {});
        assertThat(Files.getAttribute(fork.disk(), "unix:ino"))
                .as("nothing to do")
                .isEqualTo(inode);
        assertThat(Files.getLastModifiedTime(fork.disk())).isEqualTo(time);
    }

    /** Each state in which it can be, for whoever comes after a kill. */
    @Test
    void aDiskThatIsBeingFlattenedStaysWholeWheneverTheDaemonIsKilled() throws Exception {
        DiskChain copying = ofTexts(directory.resolve("1"), "a", "b", "c");
        Files.writeString(copying.unfinished(), "a");
        DiskChain copied = ofTexts(directory.resolve("2"), "abc", "b", "c");
        DiskChain linked = ofTexts(directory.resolve("3"), "abc", "b", "c");
        Files.createLink(linked.disk().resolveSibling("disk.raw.merged"), linked.disk());
        DiskChain placed = ofTexts(directory.resolve("4"), "abc", "b");
        Files.createLink(directory.resolve("4/disk.raw.2"), placed.disk());
        DiskChain deleting = ofTexts(directory.resolve("5"), "abc");
        Files.createLink(directory.resolve("5/disk.raw.2"), deleting.disk());
        for (DiskChain disk : List.of(copying, copied, linked, placed, deleting)) {
            disk.flatten(OVER, BYTES, directory, _ -> {});
            assertThat(disk.files()).containsExactly(disk.disk());
            assertThat(disk.disk()).as(disk.toString()).hasContent("abc");
            assertThat(disk.disk().resolveSibling("disk.raw.unfinished")).doesNotExist();
        }
    }

    /** Those between which a kill leaves one of these states. */
    @Test
    void theStepsOfFlatteningComeInTheirOrder() throws Exception {
        DiskChain chain = ofTexts(directory.resolve("chain"), "a", "b", "c");
        List<String> steps = new ArrayList<>();
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            directory
                    .resolve("chain")
                    .register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            chain.flatten(LAYERS, BYTES, directory, _ -> {});
            while (!steps.contains("ENTRY_DELETE disk.raw.2")) {
                WatchKey changes = Objects.requireNonNull(watch.poll(10, TimeUnit.SECONDS));
                changes.pollEvents().forEach(each -> steps.add(each.kind() + " " + each.context()));
                changes.reset();
            }
        }
        assertThat(steps)
                .containsSubsequence(
                        "ENTRY_CREATE disk.raw.unfinished",
                        "ENTRY_CREATE disk.raw",
                        "ENTRY_CREATE disk.raw.merged",
                        "ENTRY_CREATE disk.raw.2",
                        "ENTRY_DELETE disk.raw.1",
                        "ENTRY_DELETE disk.raw.2");
    }

    @Test
    void whatCannotBeFlattenedStaysAsItWas() throws Exception {
        DiskChain chain = ofTexts(directory.resolve("chain"), "a", "b");
        Layers without = new FakeLayers() {
            @Override
            public void apply(List<Path> files, Path raw, Path scratch) throws VmmException {
                throw new VmmException("the reader is missing", "install it");
            }
        };
        assertThatThrownBy(() -> chain.flatten(without, BYTES, directory, _ -> {}))
                .hasMessage("the reader is missing");
        assertThat(directory.resolve("chain")).isDirectoryNotContaining("glob:**.unfinished");
        assertThat(chain.files()).hasSize(2);
        assertThat(chain.disk()).hasContent("a");
        Files.writeString(chain.top(), "unsound");
        assertThatThrownBy(() -> chain.flatten(LAYERS, BYTES, directory, _ -> {}))
                .hasMessageContaining("not a valid disk overlay");
        Files.delete(chain.top());
        Files.writeString(directory.resolve("chain/disk.raw.2"), "b");
        assertThatThrownBy(() -> chain.flatten(LAYERS, BYTES, directory, _ -> {}))
                .hasMessageContaining("is missing");
    }
}
