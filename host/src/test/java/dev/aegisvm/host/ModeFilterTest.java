package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The filter on a real kernel: each call that sets a mode, made by number from Perl, which every Debian has. */
class ModeFilterTest {
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            creat               | syscall(85, $new, %s)
            open                | syscall(2, $new, 0101, %s)
            openat              | syscall(257, -100, $new, 0101, %s)
            a regular file node | syscall(133, $new, 0100000 + %s, 0)
            the same, at        | syscall(259, -100, $new, 0100000 + %s, 0)
            chmod               | syscall(90, $old, %s)
            fchmod              | syscall(91, fileno($f), %s)
            fchmodat            | syscall(268, -100, $old, %s)
            fchmodat2           | syscall(452, -100, $old, %s, 0)
            """)
    void aModeWithEitherBitIsRefusedAndAnyOtherIsNot(String name, String call) throws Exception {
        for (String bit : new String[] {"04755", "02755", "06000"}) {
            assertThat(errno(call.formatted(bit))).as(name + " " + bit).isEqualTo(EPERM);
            assertThat(directory.resolve("new")).doesNotExist();
        }
        assertThat(errno(call.formatted("01755"))).as(name).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            openat2, whose mode cannot be seen | syscall(437, -100, $old, my $how = pack('QQQ', 0, 0, 0), 24)
            x32's chmod                        | syscall(0x40000000 + 90, $old, 0755)
            """)
    void thereIsNoOtherWay(String name, String call) throws Exception {
        assertThat(errno(call)).as(name).isEqualTo(ENOSYS);
    }

    /** What one call leaves in errno, 0 when it went well. */
    private int errno(String call) throws IOException, InterruptedException {
        Path filter = Files.write(directory.resolve("filter"), ModeFilter.program());
        Files.writeString(directory.resolve("old"), "");
        String script = "my ($old, $new) = ('old', 'new'); open(my $f, '<', $old) or die; my $r = " + call
                + "; my $e = $r < 0 ? $!+0 : 0; unlink($new) if $e == 0; exit $e";
        return new ProcessBuilder(
                        "setpriv", "--no-new-privs", "--seccomp-filter", filter.toString(), "perl", "-e", script)
                .directory(directory.toFile())
                .inheritIO()
                .start()
                .waitFor();
    }
}
