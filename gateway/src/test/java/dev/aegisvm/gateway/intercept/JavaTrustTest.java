package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaTrustTest {
    @TempDir
    Path directory;

    private String ours;
    private String theirs;

    @BeforeEach
    void makeAuthorities() throws IOException {
        ours = new CertificateAuthority(directory.resolve("ours.p12")).pem();
        theirs = new CertificateAuthority(directory.resolve("theirs.p12")).pem();
    }

    /** As `keytool` writes it, with the one certificate. */
    private String store(String... options) throws Exception {
        Path file = directory.resolve("cacerts");
        Files.deleteIfExists(file);
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/keytool",
                "-importcert",
                "-noprompt",
                "-alias",
                "theirs",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString(),
                "-file",
                Files.writeString(directory.resolve("theirs.pem"), theirs).toString()));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** As Java reads it when nobody tells it a password. */
    private static Set<String> trusted(String store) throws Exception {
        KeyStore all = KeyStore.getInstance("JKS");
        all.load(new ByteArrayInputStream(store.getBytes(StandardCharsets.ISO_8859_1)), null);
        Set<String> trusted = new HashSet<>();
        for (String alias : Collections.list(all.aliases())) {
            trusted.add(CertificateAuthority.pem(all.getCertificate(alias)));
        }
        return trusted;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-storetype JKS",
                "-storetype PKCS12 -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE"
            })
    void addsWhoIsMissingAndKeepsTheOthers(String options) throws Exception {
        String had = store(options.split(" "));
        String all = JavaTrust.with(had, List.of(theirs, ours));
        assertThat(trusted(all)).containsExactlyInAnyOrder(theirs, ours);
        assertThat(all).startsWith(had.substring(0, 1));
        assertThat(JavaTrust.with(all, List.of(ours))).isSameAs(all);
    }

    @Test
    void whatIsNoneOrEncryptedIsLeftAlone() throws Exception {
        assertThatThrownBy(() -> JavaTrust.with("", List.of(ours))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> JavaTrust.with("nonsense", List.of(ours))).isInstanceOf(IOException.class);
        String encrypted = store("-storetype", "PKCS12");
        assertThatThrownBy(() -> JavaTrust.with(encrypted, List.of(ours)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("without a password");
    }
}
