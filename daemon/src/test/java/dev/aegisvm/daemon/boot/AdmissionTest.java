package dev.aegisvm.daemon.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.daemon.instance.VmWork;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {
    @ParameterizedTest
    @CsvSource({"256, 1088", "512, 1152", "1024, 1280", "65536, 17408"})
    void aGibibyteAndAQuarterHaveToBeThere(int memoryMb, long needed) {
        Admission enough = new Admission(() -> OptionalLong.of(needed), OptionalLong.empty());
        assertThat(enough.shortage(memoryMb)).isEmpty();
        assertThat(enough.admits(memoryMb)).isTrue();
        Admission tooLittle = new Admission(() -> OptionalLong.of(needed - 1), OptionalLong.empty());
        assertThat(tooLittle.admits(memoryMb)).isFalse();
        assertThat(tooLittle.shortage(memoryMb)).contains(new VmWork.Shortage(needed, needed - 1));
    }

    @Test
    void noVmHasMoreThanTheHost() {
        Admission host = new Admission(() -> OptionalLong.of(23_000), OptionalLong.of(24_000));
        assertThat(host.admits(16_384)).isTrue();
        assertThat(host.shortage(32_768)).contains(new VmWork.Shortage(32_768, 24_000));
    }

    @Test
    void whatIsNotKnownForbidsNothing() {
        assertThat(new Admission(OptionalLong::empty, OptionalLong.empty()).shortage(65_536))
                .isEmpty();
    }
}
