package dev.aegisvm.vmm.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.Program;
import dev.aegisvm.vmm.VmmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceDiskTest {
    @TempDir
    Path directory;

    @Test
    void aNewDiskHasACleanFileSystemOfItsOwnSizeOnASparseDevice() throws VmmException, IOException {
        Path disk = directory.resolve("disk");
        new DiskChain(disk).create(256);
        assertThat(Files.size(disk)).isEqualTo(DiskChain.DEVICE_BYTES);
        assertThat(allocated(disk)).isLessThan(16L << 20);
        assertThat(new DiskChain(disk).usedBytes()).isEqualTo(allocated(disk));
        assertThat(new DiskChain(directory.resolve("none")).usedBytes()).isNegative();
        Program.run(List.of("e2fsck", "-fn", disk.toString()));
        assertThat(Program.run(List.of("dumpe2fs", "-h", disk.toString())))
                .containsPattern("Block count: +(65536|262144)")
                .contains("has_journal")
                .doesNotContain("orphan_file");
    }

    @Test
    void aCopyHasTheSameBytesAndTheSameHoles() throws VmmException, IOException {
        Path disk = directory.resolve("disk");
        new DiskChain(disk).create(64);
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("far out".getBytes(StandardCharsets.UTF_8)), 40L << 30);
        }
        Path copy = directory.resolve("copy");
        new DiskChain(copy).createFrom(new DiskChain(disk));
        assertThat(Files.size(copy)).isEqualTo(Files.size(disk));
        assertThat(allocated(copy)).isLessThanOrEqualTo(allocated(disk) + (1 << 20));
        ByteBuffer read = ByteBuffer.allocate(7);
        try (FileChannel file = FileChannel.open(copy, StandardOpenOption.READ)) {
            file.read(read, 40L << 30);
        }
        assertThat(new String(read.array(), StandardCharsets.UTF_8)).isEqualTo("far out");
        Program.run(List.of("e2fsck", "-fn", copy.toString()));
    }

    @Test
    void aSizeOutsideTheDeviceIsRefusedAndLeavesNothing() {
        assertThatThrownBy(() -> new DiskChain(directory.resolve("disk")).create(DiskChain.MAX_SIZE_MB + 1))
                .isInstanceOf(VmmException.class)
                .hasMessageContaining("16..65536 MB");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatIsMissingIsAClearErrorAndLeavesNothing() {
        assertThatThrownBy(() -> new DiskChain(directory.resolve("no/disk")).create(64))
                .isInstanceOf(VmmException.class)
                .hasMessageContaining("cannot make the disk");
    }

    @Test
    void aDiskThatWasCutShortOrIsNoneIsRefusedByName() throws VmmException, IOException {
        Path disk = directory.resolve("disk");
        new DiskChain(disk).requireWhole(); // which is not there yet
        new DiskChain(disk).create(64);
        new DiskChain(disk).requireWhole();
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            file.truncate(1 << 20);
        }
        assertThatThrownBy(() -> new DiskChain(disk).requireWhole())
                .isInstanceOf(VmmException.class)
                .hasMessageContaining("the disk " + disk + " is damaged: it has 1048576 bytes");
        assertThatThrownBy(() -> new DiskChain(directory).requireWhole()).hasMessageContaining("is damaged");
    }

    private static long allocated(Path file) throws IOException {
        return Long.parseLong(Program.run(List.of("stat", "--format=%b", file.toString()))) * 512L;
    }
}
