package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemTrustTest {
    @TempDir
    Path directory;

    @Test
    void whatIsNoCertificateIsSkipped() throws IOException {
        String pem = new CertificateAuthority(directory.resolve("ca.p12")).pem();
        Path added = Files.createDirectories(directory.resolve("added/below"));
        Files.writeString(added.resolve("good.crt"), "the company's\n" + pem);
        Files.writeString(added.resolve("other.pem"), pem);
        Files.writeString(added.resolve("README"), "-----\nnothing\n-----\n");
        Files.writeString(added.resolve("broken.crt"), pem.replace("MII", "MIX"));
        Files.writeString(added.resolve("empty.crt"), "");
        assertThat(SystemTrust.below(directory.resolve("added"), ".crt")).containsExactly(pem);
        assertThat(SystemTrust.below(directory.resolve("added"), "")).containsExactly(pem, pem);
        assertThat(SystemTrust.below(directory.resolve("none"), "")).isEmpty();
    }
}
