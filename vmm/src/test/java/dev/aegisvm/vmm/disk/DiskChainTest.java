package dev.aegisvm.vmm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.SparseFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskChainTest {
    private static final long BYTES = 1L << 30;

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
            disk.extend(BYTES);
        }
        Files.createFile(directory.resolve("disk.raw.unfinished"));
        Files.createFile(directory.resolve("other.raw.1"));
        assertThat(disk.files()).hasSize(12).startsWith(disk.disk()).endsWith(directory.resolve("disk.raw.11"));
        assertThat(disk.top()).hasFileName("disk.raw.11");
        assertThat(new DiskChain(directory.resolve("none")).usedBytes()).isNegative();
    }

    @Test
    void whatCouldNotBeWrittenToAfterwardsIsNotShared() throws IOException {
        for (int i = 0; i < 99; i++) {
            disk.extend(BYTES);
        }
        assertThat(disk.shared(BYTES)).hasSize(100);
        disk.extend(BYTES);
        assertThatThrownBy(() -> disk.shared(BYTES)).hasMessageContaining("100 layers");
        assertThat(disk.own(BYTES)).hasSize(101);
    }

    @Test
    void anotherDiskBeginsAsItIsAndOutlivesIt() throws IOException {
        disk.extend(BYTES);
        DiskChain other =
                new DiskChain(Files.createDirectory(directory.resolve("copy")).resolve("own.raw"));
        other.begin(disk.files(), BYTES);
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
    void whatIsWrittenToIsNobodyElses() throws IOException {
        assertThat(disk.own(BYTES)).containsExactly(disk.disk());
        Path directory = Files.createDirectory(this.directory.resolve("copy"));
        DiskChain other = DiskChain.in(directory);
        disk.extend(BYTES);
        other.link(disk.files());
        Path own = directory.resolve("disk.raw.2");
        assertThat(other.own(BYTES))
                .as("as after a kill between two steps")
                .hasSize(3)
                .endsWith(own);
        assertThat(other.own(BYTES)).hasSize(3);
        Files.delete(directory.resolve("disk.raw.1"));
        assertThatThrownBy(() -> other.own(BYTES))
                .hasMessageContaining("the file that " + own + " is based on is missing");
    }

    @Test
    void whatCannotBeListedIsNotTakenForOneFile() {
        assertThatThrownBy(DiskChain.in(disk.disk())::files).isInstanceOf(NotDirectoryException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,true",
        "27,1,true",
        "35,1,true",
        "63,1,true",
        "79,1,true",
        "87,1,true",
        "95,1,true",
        "99,1,true",
        "11,1,false",
        "19,64,false",
        "103,112,false",
        "104,1,false",
        "40000,1,false"
    })
    void anOverlayOfOthersIsRefusedAndNamesAreTakenOut(int at, int bits, boolean refused) throws IOException {
        Files.delete(disk.disk());
        SparseFile.create(disk.disk(), InstanceDisk.DEVICE_BYTES);
        Path overlay = disk.extend(BYTES);
        byte[] ours = Files.readAllBytes(overlay);
        try (RandomAccessFile file = new RandomAccessFile(overlay.toFile(), "rw")) {
            file.seek(at);
            int was = file.read();
            file.seek(at);
            file.write(was ^ bits);
        }
        if (refused) {
            assertThatThrownBy(() -> disk.requireSound(BYTES)).hasMessageContaining("not a valid disk overlay");
        } else {
            disk.requireSound(BYTES);
            assertThat(overlay).hasBinaryContent(ours);
        }
    }

    @Test
    void aDiskOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> disk.requireSound(BYTES)).hasMessageContaining("size");
    }

    private void fill(Path file, int bytes) throws IOException {
        Files.write(file, new byte[bytes], StandardOpenOption.APPEND);
    }

    @Test
    void aLongChainIsMergedFromWhereItIsSmall() throws IOException {
        for (int i = 1; i <= 7; i++) {
            disk.extend(BYTES);
        }
        assertThat(DiskChain.toMerge(disk.files())).isEmpty();
        Path large = disk.extend(BYTES);
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
    void whatWasMergedStaysWholeWheneverTheDaemonIsKilled() throws IOException {
        for (int i = 1; i <= 5; i++) {
            disk.extend(BYTES);
        }
        DiskChain kept = DiskChain.in(Files.createDirectory(directory.resolve("snapshot")));
        kept.link(disk.files().subList(0, 5));
        fill(disk.top(), 100);
        long size = Files.size(disk.top());
        disk.merged(2);
        assertThat(disk.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("disk.raw", "disk.raw.1", "disk.raw.2");
        assertThat(disk.own(BYTES))
                .hasSize(3)
                .last()
                .satisfies(top -> assertThat(top).hasSize(size));
        assertThat(kept.files()).as("the snapshot's").hasSize(5);

        // Killed when the file had its new place, and one of those between was gone.
        disk.extend(BYTES);
        disk.extend(BYTES);
        Path top = disk.extend(BYTES);
        fill(top, 200);
        Files.delete(directory.resolve("disk.raw.2"));
        Files.createLink(directory.resolve("disk.raw.2"), top);
        Files.delete(directory.resolve("disk.raw.3"));
        assertThat(disk.own(BYTES))
                .hasSize(3)
                .last()
                .satisfies(last -> assertThat(last).hasSize(size + 100));
    }
}
