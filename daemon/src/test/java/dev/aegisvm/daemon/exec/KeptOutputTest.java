package dev.aegisvm.daemon.exec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.exec.KeptOutput.Piece;
import dev.aegisvm.daemon.logs.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of outputs, where it is short and where it is not. */
class KeptOutputTest {
    private static final String SECRET = "s3cret-value";

    @TempDir
    Path directory;

    private final ForeignBudget budget = ForeignBudget.of(512 << 20, OptionalLong.empty());

    private KeptOutput output() {
        return new KeptOutput(directory.resolve("exec-1"), budget.share());
    }

    private SecretMask mask() {
        InstanceLog log = new LogStore(directory, new Retention(1 << 20, 2)).of("inst-1");
        log.hide(List.of(SECRET, "short1"));
        return log.mask();
    }

    private static void write(KeptOutput output, String text) {
        output.write(LogStream.STDOUT, text.getBytes(US_ASCII), text.length());
    }

    private static String text(Piece piece) {
        return new String(piece.bytes(), US_ASCII);
    }

    private static String all(KeptOutput output, int piece, SecretMask mask) {
        StringBuilder all = new StringBuilder();
        for (Piece next = output.read(LogStream.STDOUT, 0, piece, mask);
                next.bytes().length > 0;
                next = output.read(LogStream.STDOUT, all.length(), piece, mask)) {
            assertThat(next.begin()).isEqualTo(all.length());
            all.append(text(next));
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 100})
    void valuesOfSecretsAreHiddenWhereverAPieceIsCut(int piece) {
        KeptOutput output = output();
        write(output, "a=" + SECRET + " b=short1 c=" + SECRET.substring(0, 4));
        assertThat(all(output, piece, mask())).isEqualTo("a=[secret]**** b=****** c=");
        write(output, "! s3c");
        output.end();
        assertThat(all(output, piece, mask())).isEqualTo("a=[secret]**** b=****** c=s3cr! s3c");
        assertThat(all(output, piece, SecretMask.NONE)).isEqualTo("a=" + SECRET + " b=short1 c=s3cr! s3c");
    }

    @Test
    void whatIsReadAroundTheEndOfTheFileIsInOrder() {
        KeptOutput output = output();
        Random random = new Random(7);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        while (written.size() < 3 * (KeptOutput.OutputFile.BEGIN + KeptOutput.OutputFile.LATEST)) {
            byte[] piece = new byte[1 + random.nextInt(32 * 1024)];
            random.nextBytes(piece);
            output.write(LogStream.STDERR, piece, piece.length);
            written.writeBytes(piece);
        }
        output.end();
        byte[] all = written.toByteArray();
        for (int i = 0; i < 200; i++) {
            Piece piece = output.read(
                    LogStream.STDERR, random.nextInt(all.length), 1 + random.nextInt(1 << 20), SecretMask.NONE);
            assertThat(piece.bytes()).isEqualTo(Arrays.copyOfRange(all, (int) piece.begin(), (int) piece.end()));
        }
    }

    @Test
    void withoutADescriptorNothingIsKeptAndAllIsCounted() {
        ForeignBudget none = new ForeignBudget(new Cost(1 << 20, 0));
        KeptOutput output = new KeptOutput(directory.resolve("exec-2"), none.share());
        write(output, "lost");
        assertThat(output.written().stdout()).isEqualTo(4);
        assertThat(output.read(LogStream.STDOUT, 0, 10, SecretMask.NONE).begin())
                .isEqualTo(4);
        output.delete();
    }

    @Test
    void whatItHoldsIsGivenBack() throws IOException {
        KeptOutput output = output();
        write(output, "x");
        assertThat(budget.used().files()).isEqualTo(1);
        output.end();
        assertThat(budget.used().files()).isZero();
        assertThat(text(output.read(LogStream.STDOUT, 0, 10, SecretMask.NONE))).isEqualTo("x");
        output.delete();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
