package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void begin() {
        file = directory.resolve("ca.p12");
    }

    private static X509Certificate read(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void isMadeOnceForItsOwnerAloneAndReadFromThenOn() throws Exception {
        String pem = new CertificateAuthority(file).pem();
        assertThat(new CertificateAuthority(file).pem()).isEqualTo(pem);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(pem).doesNotContain("PRIVATE");

        X509Certificate certificate = read(pem);
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity();
        assertThat(certificate.getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
        assertThat(certificate.getKeyUsage()).startsWith(false, false, false, false, false, true, true);
        assertThat(new CertificateAuthority(directory.resolve("other.pem")).pem())
                .isNotEqualTo(pem);
    }

    @Test
    void vouchesForServersToStrictClients() throws Exception {
        CertificateAuthority authority = new CertificateAuthority(file);
        SSLEngine server = authority.server("api.test").createSSLEngine();
        assertThat(authority.server("api.test")).isSameAs(authority.server("api.test"));
        assertThat(server).isNotNull();
        Path certificate = Files.writeString(directory.resolve("cert.pem"), authority.pem());
        // OpenSSL's strictest reading, which Python has had by default since 3.13.
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "verify",
                        "-x509_strict",
                        "-check_ss_sig",
                        "-CAfile",
                        certificate.toString(),
                        certificate.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .endsWith(": OK\n");
    }

    @Test
    void whatIsNoneIsRefusedWithWhatToDo() throws Exception {
        assertThat(new CertificateAuthority(file).pem()).isNotEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> new CertificateAuthority(file).pem()).hasMessageContaining("chmod 600");
        Files.delete(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        assertThatThrownBy(() -> new CertificateAuthority(file).pem())
                .hasMessageContaining(file.toString())
                .hasMessageContaining("move it away");
    }
}
