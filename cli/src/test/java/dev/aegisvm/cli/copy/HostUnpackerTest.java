package dev.aegisvm.cli.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.HostDirectory;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile guest can send, and what becomes of it on the host. */
class HostUnpackerTest {
    @TempDir
    Path directory;

    private Path base;
    private Path secret;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, UTF_8.name());

    @BeforeEach
    void prepare() throws IOException {
        base = Files.createDirectory(directory.resolve("base"));
        secret = Files.writeString(directory.resolve("secret"), "untouched");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    private void add(String name, byte type, String linkOrContent, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        byte[] content = type == TarConstants.LF_NORMAL ? linkOrContent.getBytes(UTF_8) : new byte[0];
        if (type != TarConstants.LF_NORMAL) {
            entry.setLinkName(linkOrContent);
        }
        entry.setSize(content.length);
        entry.setMode(mode);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private void file(String name, String content) throws IOException {
        add(name, TarConstants.LF_NORMAL, content, 0644);
    }

    private void folder(String name) throws IOException {
        add(name, TarConstants.LF_DIR, "", 0755);
    }

    private void unpack(String root, String name) throws IOException {
        tar.finish();
        try (HostUnpacker unpacker = new HostUnpacker(HostDirectory.open(base), root, name, false)) {
            unpacker.unpack(new ByteArrayInputStream(bytes.toByteArray()));
        }
    }

    @Test
    void whatAKilledCopyLeftIsCollectedAndNothingElse() throws IOException {
        Files.writeString(base.resolve(".aegis-0123456789abcdef"), "half");
        Files.writeString(Files.createDirectory(base.resolve("d")).resolve(".aegis-00000000000000ff"), "half");
        Files.createSymbolicLink(base.resolve(".aegis-ffffffffffffffff"), secret);
        Files.writeString(base.resolve(".aegis-notes"), "the user's");
        Path written = Files.writeString(base.resolve(".aegis-1111111111111111"), "by another copy");
        try (FileChannel file = FileChannel.open(written, StandardOpenOption.WRITE);
                FileLock held = file.lock()) {
            assertThat(held.isValid()).isTrue();
            folder("from/d");
            file("from/d/f", "whole");
            unpack("from", ".");
        }
        assertThat(made())
                .containsExactly(".aegis-1111111111111111", ".aegis-ffffffffffffffff", ".aegis-notes", "d", "d/f");
        assertThat(secret).hasContent("untouched");
    }

    private List<String> made() throws IOException {
        try (Stream<Path> all = Files.walk(base)) {
            return all.skip(1)
                    .map(each -> base.relativize(each).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aTreeGetsTheNameThatWasAskedFor() throws IOException {
        folder("tree/");
        add("tree/readonly/", TarConstants.LF_DIR, "", 0555);
        add("tree/readonly/run", TarConstants.LF_NORMAL, "#!", 0750);
        add("tree/link", TarConstants.LF_SYMLINK, "/etc/passwd", 0777);
        unpack("tree", "copy");
        assertThat(made()).containsExactly("copy", "copy/link", "copy/readonly", "copy/readonly/run");
        assertThat(Files.readSymbolicLink(base.resolve("copy/link"))).hasToString("/etc/passwd");
        assertThat(base.resolve("copy/readonly/run")).hasContent("#!").isExecutable();
    }

    @Test
    void whatIsInADirectoryGoesIntoAnother() throws IOException {
        folder("./");
        file("./a", "new");
        Files.writeString(base.resolve("a"), "old");
        Files.writeString(base.resolve("b"), "kept");
        unpack(".", ".");
        assertThat(made()).containsExactly("a", "b");
        assertThat(base.resolve("a")).hasContent("new");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "x/../../secret",
                "/secret",
                "x/..",
                "..",
                "another",
                "",
            })
    void aNameThatLeadsElsewhereIsRefused(String name) throws IOException {
        file(name, "overwritten");
        assertThatThrownBy(() -> unpack("x", "x")).isInstanceOf(IOException.class);
        assertThat(secret).hasContent("untouched");
        assertThat(made()).isEmpty();
    }

    @Test
    void aSymlinkThatWasSentIsNotFollowed() throws IOException {
        folder("x/");
        add("x/way", TarConstants.LF_SYMLINK, directory.toString(), 0777);
        file("x/way/secret", "overwritten");
        assertThatThrownBy(() -> unpack("x", "x")).hasMessageContaining("a symlink, which is not followed");
        assertThat(secret).hasContent("untouched");
        assertThat(base.resolve("x/way")).isSymbolicLink();
    }

    @Test
    void aSymlinkInThePlaceOfADirectoryThatIsOpenLeadsNowhere() throws IOException {
        folder("x/");
        folder("x/d/");
        file("x/d/a", "first");
        add("x/d", TarConstants.LF_SYMLINK, directory.toString(), 0777);
        file("x/d/secret", "overwritten");
        assertThatThrownBy(() -> unpack("x", "x")).isInstanceOf(IOException.class);
        assertThat(secret).hasContent("untouched");
    }

    @Test
    void nothingIsWrittenThroughALinkThatWasThere() throws IOException {
        Files.createSymbolicLink(base.resolve("soft"), secret);
        Files.createLink(base.resolve("hard"), secret);
        Files.createSymbolicLink(base.resolve("dir"), directory);
        folder("./");
        file("./soft", "new");
        file("./hard", "new");
        file("./dir/secret", "new");
        assertThatThrownBy(() -> unpack(".", ".")).hasMessageContaining("symlink");
        assertThat(secret).hasContent("untouched");
        assertThat(base.resolve("soft")).hasContent("new").isRegularFile();
        assertThat(Files.isSymbolicLink(base.resolve("soft"))).isFalse();
        assertThat(base.resolve("hard")).hasContent("new");
    }

    @Test
    void aSecondNameIsNoWayToAFileOfTheHost() throws IOException {
        folder("x/");
        add("x/hard", TarConstants.LF_LINK, secret.toString(), 0644);
        assertThatThrownBy(() -> unpack("x", "x")).hasMessageContaining("not a file, a directory or a symlink");
        assertThat(made()).containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO})
    void aDeviceIsNotMade(byte type) throws IOException {
        folder("x/");
        add("x/device", type, "", 0666);
        assertThatThrownBy(() -> unpack("x", "x")).hasMessageContaining("not a file, a directory or a symlink");
        assertThat(made()).containsExactly("x");
    }

    @Test
    void setuidIsNotKept() throws IOException {
        add("x", TarConstants.LF_NORMAL, "", 07755);
        unpack("x", "x");
        assertThat((int) Files.getAttribute(base.resolve("x"), "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07000)
                .isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base.resolve("x"))))
                .startsWith("rwx");
    }

    @Test
    void aFileDoesNotTakeADirectorysPlace() throws IOException {
        Files.createDirectories(base.resolve("x/full"));
        file("x", "file");
        assertThatThrownBy(() -> unpack("x", "x")).hasMessageContaining("cannot create x: Is a directory");
        assertThat(made()).containsExactly("x", "x/full");
    }

    @Test
    void whatBreaksOffLeavesNothingHalfMade() throws IOException {
        folder("x/");
        file("x/whole", "whole");
        file("x/half", "h".repeat(5000));
        byte[] cut = java.util.Arrays.copyOf(bytes.toByteArray(), 512 * 6);
        try (HostUnpacker unpacker = new HostUnpacker(HostDirectory.open(base), "x", "x", false)) {
            assertThatThrownBy(() -> unpacker.unpack(new ByteArrayInputStream(cut)))
                    .isInstanceOf(IOException.class);
        }
        assertThat(made()).containsExactly("x", "x/whole");
    }

    @Test
    void boundsOfDepthAndOfTheDisk() throws IOException {
        folder("x/");
        file("x/" + "d/".repeat(300) + "f", "");
        assertThatThrownBy(() -> unpack("x", "x")).hasMessageContaining("too deep");
        assertThat(made()).containsExactly("x");
    }

    @Test
    void aFileThatIsLargerThanTheDiskIsRefusedAtOnce() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        TarArchiveOutputStream huge = new TarArchiveOutputStream(head, UTF_8.name());
        huge.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        TarArchiveEntry entry = new TarArchiveEntry("x", TarConstants.LF_NORMAL, true);
        entry.setSize(1L << 55);
        huge.putArchiveEntry(entry);
        huge.write(new byte[512]);
        huge.flush();
        try (HostUnpacker unpacker = new HostUnpacker(HostDirectory.open(base), "x", "x", false)) {
            assertThatThrownBy(() -> unpacker.unpack(new ByteArrayInputStream(head.toByteArray())))
                    .hasMessageContaining("there is room for");
        }
        assertThat(made()).isEmpty();
    }

    private void refused(byte[] stream, String why) {
        assertThatThrownBy(() -> {
                    try (HostUnpacker unpacker = new HostUnpacker(HostDirectory.open(base), "x", "x", false)) {
                        unpacker.unpack(new ByteArrayInputStream(stream));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    /** A header as a guest writes it, with a sum that is right. */
    private static byte[] header(String name, char type, String size) {
        byte[] header = new byte[512];
        byte[] bytes = name.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, header, 0, bytes.length);
        System.arraycopy("0000644".getBytes(ISO_8859_1), 0, header, 100, 7);
        System.arraycopy(size.getBytes(ISO_8859_1), 0, header, 124, size.length());
        header[156] = (byte) type;
        System.arraycopy("ustar\00000".getBytes(ISO_8859_1), 0, header, 257, 8);
        int sum = 8 * ' ';
        for (byte each : header) {
            sum += each & 0xFF;
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(ISO_8859_1), 0, header, 148, 8);
        return header;
    }

    @ParameterizedTest
    @ValueSource(chars = {'x', 'L', 'K', 'g'})
    void headersAreNotReadWithoutAnEnd(char type) throws IOException {
        byte[] endless = java.util.Arrays.copyOf(header("x", type, "77777777777"), 3 << 20);
        byte[] record = "2000000000 path=".getBytes(ISO_8859_1);
        System.arraycopy(record, 0, endless, 512, record.length);
        refused(endless, "more than 1048576 bytes of headers");
        assertThat(made()).isEmpty();
    }

    @Test
    void whatFollowsTheEndIsNotReadForEver() throws IOException {
        file("x", "whole");
        tar.finish();
        refused(java.util.Arrays.copyOf(bytes.toByteArray(), 3 << 20), "more than 1048576 bytes of headers");
        assertThat(base.resolve("x")).hasContent("whole");
    }

    @Test
    void aDirectoryHasNoContent() throws IOException {
        refused(java.util.Arrays.copyOf(header("x/", '5', "00017777777"), 5 << 20), "bytes of headers");
        assertThat(made()).containsExactly("x");
    }

    @Test
    void holesAreRefusedSinceTheyFillADiskFromNothing() throws IOException {
        refused(java.util.Arrays.copyOf(header("x", 'S', "00000000000"), 2048), "not a file, a directory or a symlink");
        assertThat(made()).isEmpty();
    }

    @Test
    void aHeaderWithAWrongSumIsNone() throws IOException {
        byte[] header = java.util.Arrays.copyOf(header("x", '0', "00000000000"), 2048);
        header[0] = 'y';
        refused(header, "a checksum is wrong");
        assertThat(made()).isEmpty();
    }

    @Test
    void namesAreUtf8AndShownWithoutControlSequences() throws IOException {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.write(header("record", 'x', "00000000014"));
        record.write(java.util.Arrays.copyOf("12 path=x/\u00ff\n".getBytes(ISO_8859_1), 512));
        record.write(java.util.Arrays.copyOf(header("x", '0', "00000000000"), 2048));
        refused(record.toByteArray(), "it is not UTF-8");
        refused(java.util.Arrays.copyOf(header("x/\u001b[31m", '6', "00000000000"), 2048), "x/\\u001b[31m");
        assertThat(made()).isEmpty();
    }

    @Test
    void theSecondOfOneNameWins() throws IOException {
        folder("x/");
        file("x/f", "first");
        add("x/f", TarConstants.LF_SYMLINK, secret.toString(), 0777);
        file("x/f", "last");
        unpack("x", "x");
        assertThat(base.resolve("x/f")).hasContent("last").isRegularFile();
        assertThat(secret).hasContent("untouched");
    }
}
