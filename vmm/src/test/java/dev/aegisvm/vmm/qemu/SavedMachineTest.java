package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.vmm.start.Machines.NotLoaded;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedMachineTest {
    private static final String US = "this QEMU";

    @TempDir
    Path place;

    private SavedMachine saved;

    @BeforeEach
    void save() throws IOException {
        saved = new SavedMachine(Files.createDirectory(place.resolve("saved")));
        saved.copy(file("devices"), file("memory"), file("disk"), US);
    }

    private Path file(String name) throws IOException {
        return Files.writeString(place.resolve(name), name);
    }

    @Test
    void memoryInAFileOfItsOwnIsMappedFromItsBeginning() throws Exception {
        QemuCommandLine.Start.Load load = saved.load(US);
        assertThat(load.isOneFile()).isFalse();
        assertThat(load.offset()).isZero();
        assertThat(load.memory()).hasContent("memory");
        assertThat(load.machine()).hasContent("devices");
        assertThat(saved.disk().disk()).hasContent("disk");
    }

    @Test
    void memoryBehindTheDevicesIsMappedFromThere() throws Exception {
        layout("4096\n" + US + "\n");
        QemuCommandLine.Start.Load load = saved.load(US);
        assertThat(load.isOneFile()).isTrue();
        assertThat(load.offset()).isEqualTo(4096);
    }

    @Test
    void thatOfAnotherQemuIsRefused() {
        assertThatThrownBy(() -> saved.load("another"))
                .isInstanceOf(NotLoaded.class)
                .hasMessageContaining("another version of QEMU");
    }

    @Test
    void whatIsDamagedIsRefused() throws IOException {
        layout("where?\n" + US + "\n");
        assertThatThrownBy(() -> saved.load(US)).isInstanceOf(NotLoaded.class).hasMessageContaining("it is damaged");
        layout("");
        assertThatThrownBy(() -> saved.load(US)).isInstanceOf(NotLoaded.class).hasMessageContaining("it is damaged");
        Files.delete(saved.directory().resolve("layout"));
        assertThatThrownBy(() -> saved.load(US)).isInstanceOf(NotLoaded.class).hasMessageContaining("no such file");
    }

    private void layout(String text) throws IOException {
        Files.writeString(saved.directory().resolve("layout"), text);
    }
}
