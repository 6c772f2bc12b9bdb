package dev.aegisvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.vmm.Finding.Distribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which command installs a program, by what os-release says. */
class DistributionTest {
    @ParameterizedTest
    @CsvSource({
        "ID=debian, apt-get install --no-install-recommends qemu-system-x86",
        "ID=ubuntu~ID_LIKE=debian, apt-get install --no-install-recommends qemu-system-x86",
        "NAME=Mint~ID=linuxmint~ID_LIKE=\"ubuntu debian\", apt-get install --no-install-recommends qemu-system-x86",
        "ID=fedora, dnf install qemu-system-x86-core",
        "ID_LIKE=\"rhel centos fedora\"~ID=\"rocky\", dnf install qemu-system-x86-core",
        "ID='arch', pacman -S qemu-system-x86",
        "ID=alpine, apk add qemu-system-x86_64",
        "ID=unheard-of, apt-get install --no-install-recommends qemu-system-x86",
        "'', apt-get install --no-install-recommends qemu-system-x86"
    })
    void namesTheCommandOfTheDistribution(String lines, String command) {
        assertThat(Distribution.of(lines.replace('~', '\n')).install("qemu-system-x86"))
                .isEqualTo(command);
    }
}
