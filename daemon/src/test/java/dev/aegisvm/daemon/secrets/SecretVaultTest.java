package dev.aegisvm.daemon.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.daemon.secrets.SecretVault.SealedSecret;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sealed, what is opened again, and what is refused when key or rows are not what they were. */
class SecretVaultTest {
    private static final SecretName KEY = new SecretName("KEY");
    private static final SecretName OTHER = new SecretName("OTHER");

    /** Rows in memory. */
    private static final class Rows implements SecretVault.Store {
        final Map<String, SealedSecret> rows = new TreeMap<>();

        @Override
        public List<SealedSecret> all() {
            return new ArrayList<>(rows.values());
        }

        @Override
        public SealedSecret put(SealedSecret secret) {
            rows.put(secret.name(), secret);
            return secret;
        }

        @Override
        public boolean delete(String name) {
            return rows.remove(name) != null;
        }

        String sealed(SecretName name) {
            return row(name).sealed();
        }

        private SealedSecret row(SecretName name) {
            SealedSecret row = rows.get(name.value());
            if (row == null) {
                throw new AssertionError("no row " + name);
            }
            return row;
        }

        void alter(SecretName name, String sealed) {
            SealedSecret row = row(name);
            put(new SealedSecret(row.name(), row.createdAt(), row.keyId(), sealed));
        }
    }

    @TempDir
    Path directory;

    private final Rows rows = new Rows();
    private Path keyFile = Path.of("/nonexistent");
    private SecretVault vault = new SecretVault(rows, keyFile);

    @BeforeEach
    void open() {
        keyFile = directory.resolve("master.key");
        vault = new SecretVault(rows, keyFile);
    }

    private static void refuses(Runnable call, String code, String... words) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refusal -> assertThat(refusal.error().code()).isEqualTo(code))
                .hasMessageContainingAll(words);
    }

    private void put(SecretName name, @Nullable String value) {
        assertThat(vault.put(name, value).name()).isEqualTo(name.value());
    }

    @Test
    void theFirstSecretMakesAKeyForItsOwnerAlone() throws IOException {
        assertThat(vault.list()).isEmpty();
        assertThat(vault.open(List.of("*"))).isEmpty();
        assertThat(keyFile).doesNotExist();
        put(KEY, "s3cret");
        assertThat(Files.size(keyFile)).isEqualTo(32);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
                .isEqualTo("rw-------");
        byte[] key = Files.readAllBytes(keyFile);
        put(OTHER, "more");
        assertThat(keyFile).hasBinaryContent(key);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(keyFile);
        }
    }

    @Test
    void whatGoesInComesOutForABoot() {
        String long_ = "\u00e4\n\u20ac\ud83d\ude00 ".repeat(SecretValue.MAX_BYTES / 12);
        put(KEY, "first");
        put(KEY, "s3cret");
        put(OTHER, long_);
        assertThat(vault.open(List.of("KEY"))).isEqualTo(Map.of("KEY", "s3cret"));
        assertThat(vault.open(List.of("*"))).isEqualTo(Map.of("KEY", "s3cret", "OTHER", long_));
        vault.delete(KEY);
        assertThat(vault.open(List.of("*"))).containsOnlyKeys("OTHER");
        refuses(() -> vault.delete(KEY), "not_found", "KEY");
        refuses(() -> vault.open(List.of("OTHER", "KEY")), "unknown_secret", "'KEY'");
    }

    @Test
    void everySealHasANonceOfItsOwnAndHidesTheValue() {
        Set<String> nonces = new HashSet<>();
        for (int time = 0; time < 200; time++) {
            put(KEY, "s3cret");
            byte[] sealed = Base64.getDecoder().decode(rows.sealed(KEY));
            assertThat(sealed).hasSize(12 + "s3cret".length() + 16);
            nonces.add(Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(sealed, 12)));
            assertThat(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("s3cret");
        }
        assertThat(nonces).hasSize(200);
    }

    @Test
    void aCreateNamesSecretsThatThereAre() {
        put(KEY, "a");
        assertThat(vault.known(List.of())).isEmpty();
        assertThat(vault.known(List.of("KEY", "KEY"))).containsExactly("KEY");
        assertThat(vault.known(List.of("KEY", "*"))).containsExactly("*");
        refuses(() -> vault.known(List.of("KEY", "KEI")), "unknown_secret", "'KEI'");
        refuses(() -> vault.known(List.of("*", "KEI")), "unknown_secret", "'KEI'");
        refuses(() -> vault.known(List.of("s3 cret")), "bad_request", "invalid secret name");
    }

    @Test
    void aValueHasToBeOneThatAVariableCanHave() {
        for (String value : new String[] {null, ""}) {
            refuses(() -> put(KEY, value), "bad_request", "must not be empty");
        }
        refuses(() -> put(KEY, "a\0b"), "bad_request", "NUL");
        refuses(() -> put(KEY, "\u00e4".repeat(SecretValue.MAX_BYTES / 2) + "x"), "too_large", "65536", "65537");
        assertThat(rows.rows).isEmpty();
        assertThat(keyFile).doesNotExist();
    }

    @Test
    void aRowThatWasAlteredIsNotUsed() {
        put(KEY, "s3cret");
        put(OTHER, "other");
        byte[] sealed = Base64.getDecoder().decode(rows.sealed(KEY));
        for (int at = 0; at < sealed.length; at++) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;
            rows.alter(KEY, Base64.getEncoder().encodeToString(altered));
            refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", "'KEY' was changed");
        }
        for (String nonsense :
                List.of("", "!", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")) {
            rows.alter(KEY, nonsense);
            refuses(() -> vault.open(List.of("*")), "secret_unreadable", "'KEY' was changed");
        }
        assertThat(vault.open(List.of("OTHER"))).isEqualTo(Map.of("OTHER", "other"));
        put(KEY, "again");
        assertThat(vault.open(List.of("KEY"))).isEqualTo(Map.of("KEY", "again"));
    }

    @Test
    void aValueThatWasMovedToAnotherNameIsNotUsed() {
        put(KEY, "s3cret");
        put(OTHER, "other");
        rows.alter(OTHER, rows.sealed(KEY));
        refuses(() -> vault.open(List.of("OTHER")), "secret_unreadable", "'OTHER' was changed");
        assertThat(vault.open(List.of("KEY"))).isEqualTo(Map.of("KEY", "s3cret"));
    }

    @Test
    void aKeyThatIsLostIsNotReplacedBesideItsSecrets() throws IOException {
        put(KEY, "s3cret");
        byte[] key = Files.readAllBytes(keyFile);
        Files.delete(keyFile);
        refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", keyFile.toString(), "missing");
        refuses(() -> put(OTHER, "x"), "secret_unreadable", "missing");
        assertThat(keyFile).doesNotExist();
        assertThat(vault.list()).hasSize(1);
        assertThat(vault.known(List.of("KEY"))).containsExactly("KEY");
        Files.write(keyFile, key, java.nio.file.StandardOpenOption.CREATE);
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
        assertThat(vault.open(List.of("KEY"))).isEqualTo(Map.of("KEY", "s3cret"));
        Files.delete(keyFile);
        vault.delete(KEY);
        put(KEY, "new");
        assertThat(keyFile).exists();
    }

    @Test
    void anotherKeyOpensNothingOfTheFirst() throws IOException {
        put(KEY, "s3cret");
        byte[] other = Files.readAllBytes(keyFile);
        other[31] ^= 1;
        Files.write(keyFile, other);
        refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", "'KEY'", "another master key");
        put(OTHER, "x");
        assertThat(vault.open(List.of("OTHER"))).isEqualTo(Map.of("OTHER", "x"));
        put(KEY, "again");
        assertThat(vault.open(List.of("*"))).isEqualTo(Map.of("KEY", "again", "OTHER", "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rwx------"})
    void aKeyThatOthersCanReadIsRefused(String rights) throws IOException {
        put(KEY, "s3cret");
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString(rights));
        refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", "read by other users", rights);
    }

    @Test
    void whatIsNoKeyIsNotTakenForOne() throws IOException {
        put(KEY, "s3cret");
        Files.write(keyFile, new byte[31]);
        refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", "31 bytes, not 32");
        Path elsewhere = Files.move(keyFile, directory.resolve("elsewhere"));
        Files.createSymbolicLink(keyFile, elsewhere);
        refuses(() -> vault.open(List.of("KEY")), "secret_unreadable", "not a regular file");
        refuses(() -> put(OTHER, "x"), "secret_unreadable", "not a regular file");
    }

    @Test
    void nothingThatHoldsAValueShowsIt() {
        assertThat(new SecretValue("s3cret").toString()).doesNotContain("s3cret");
        put(KEY, "s3cret");
        assertThat(MasterKey.read(keyFile).map(MasterKey::toString).orElseThrow())
                .matches("MasterKey\\[[0-9a-f]{16}]");
    }
}
