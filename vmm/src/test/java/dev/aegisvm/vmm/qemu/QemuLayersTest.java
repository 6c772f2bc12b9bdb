package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.Layers;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuLayersTest {
    private static final long BYTES = 1L << 30;

    @TempDir
    Path directory;

    /** Nothing is started. */
    private Layers layers() {
        Jail jail = new Jail(directory, new Jail.Rules(new Uids(1, 0), Cgroup.none("in a test"), false), List.of());
        return new QemuLayers(jail, new QemuFiles(directory));
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
        Path overlay = directory.resolve("overlay");
        layers().create(overlay, BYTES);
        byte[] ours = Files.readAllBytes(overlay);
        try (RandomAccessFile file = new RandomAccessFile(overlay.toFile(), "rw")) {
            file.seek(at);
            int was = file.read();
            file.seek(at);
            file.write(was ^ bits);
        }
        if (refused) {
            assertThatThrownBy(() -> layers().requireSound(overlay, BYTES))
                    .hasMessageContaining("not a valid disk overlay");
        } else {
            layers().requireSound(overlay, BYTES);
            assertThat(overlay).hasBinaryContent(ours);
        }
    }
}
