package dev.aegisvm.daemon.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files through the harness as it is, without a VM: what it does shows on this machine's disk. */
@Timeout(120)
class GuestFilesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path place;

    private RealHarness harness;
    private GuestSession session;
    private GuestFiles files;

    @BeforeAll
    static void build() throws Exception {
        RealHarness.build();
    }

    @BeforeEach
    void connect() throws IOException {
        harness = RealHarness.start();
        session = GuestSession.open(harness.channel(), LIMIT);
        files = session.files(Optional.empty());
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
        harness.close();
    }

    @Test
    void aFileIsWrittenAndRead() throws Exception {
        String path = at("with space\nand newline");
        Instant then = Instant.parse("2020-01-02T03:04:05.000000006Z");

        FileStat written = write(path, "content", Optional.of(0640));

        assertThat(written.size()).isEqualTo(7);
        assertThat(written.mode()).isEqualTo(0640);
        assertThat(Files.readString(Path.of(path))).isEqualTo("content");
        assertThat(read(path, 0, Optional.empty())).isEqualTo("content");
        assertThat(read(path, 3, Optional.of(2L))).isEqualTo("te");
        Files.setLastModifiedTime(Path.of(path), FileTime.from(then));
        FileStat stat = files.stat(path, true);
        assertThat(stat.kind()).isEqualTo(FileKind.FILE);
        assertThat(stat.modified()).isEqualTo(then);
        assertThat(stat.target()).isEmpty();
    }

    @Test
    void aHundredMegabytesBothWays() throws Exception {
        byte[] block = new byte[1 << 20];
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        Random random = new Random(7);
        long start = System.nanoTime();
        FileStat written = files.write(at("big"), Optional.empty(), out -> {
            for (int i = 0; i < 100; i++) {
                random.nextBytes(block);
                sent.update(block);
                out.write(block);
            }
        });
        assertThat(written.size()).isEqualTo(100 << 20);
        long middle = System.nanoTime();
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        try (InputStream content = files.read(at("big"), 0, Optional.empty())) {
            assertThat(files.stat(at("big"), true).size()).isEqualTo(100 << 20);
            int count = content.read(block);
            while (count >= 0) {
                received.update(block, 0, count);
                count = content.read(block);
            }
        }

        assertThat(HexFormat.of().formatHex(received.digest()))
                .isEqualTo(HexFormat.of().formatHex(sent.digest()));
        System.out.println("files: to the harness " + (100L << 20) * 1000 / (middle - start) + " MB/s, from it "
                + (100L << 20) * 1000 / (System.nanoTime() - middle) + " MB/s");
    }

    @Test
    void whatIsGivenUpChangesNothing() throws Exception {
        Files.writeString(place.resolve("old"), "old");

        assertThatThrownBy(() -> files.write(at("old"), Optional.empty(), out -> {
                    out.write("new".getBytes(UTF_8));
                    throw new IOException("given up");
                }))
                .hasMessage("given up");
        InputStream half = files.read("/proc/kallsyms", 0, Optional.empty());
        assertThat(half.read()).isGreaterThan(0);
        half.close();

        assertThat(session.health(LIMIT).netBytes()).isNotNegative();
        // The second write is answered after the worker of the first was told to give up.
        write(at("other"), "x", Optional.empty());
        assertThat(Files.readString(place.resolve("old"))).isEqualTo("old");
    }

    @Test
    void theTreeIsChanged() throws Exception {
        files.makeDirectory(at("a/b/c"), Optional.of(0711), true);
        write(at("a/b/c/file"), "x", Optional.empty());
        Files.createSymbolicLink(Path.of(at("a/link")), Path.of("b/c/file"));
        files.rename(at("a/b/c/file"), at("a/b/c/moved"), false);

        Map<String, FileEntry> entries = new TreeMap<>();
        try (FileListing listing = files.list(at("a"))) {
            assertThat(files.stat(at("a"), true).kind()).isEqualTo(FileKind.DIRECTORY);
            for (var next = listing.next(); next.isPresent(); next = listing.next()) {
                entries.put(next.get().name(), next.get());
            }
        }

        assertThat(entries).containsOnlyKeys("b", "link");
        assertThat(entries)
                .hasEntrySatisfying(
                        "b", entry -> assertThat(entry.stat().kind()).isEqualTo(FileKind.DIRECTORY))
                .hasEntrySatisfying(
                        "link", entry -> assertThat(entry.stat().target()).contains("b/c/file"));
        assertThat(files.stat(at("a/link"), false).kind()).isEqualTo(FileKind.SYMLINK);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place.resolve("a/b/c"))))
                .isEqualTo("rwx--x--x");
        assertThat(reason(() -> files.stat(at("a/link"), true))).isEqualTo(FileFailure.Reason.NOT_FOUND);
        assertThat(reason(() -> files.remove(at("a"), false))).isEqualTo(FileFailure.Reason.NOT_EMPTY);
        files.remove(at("a"), true);
        assertThat(place.resolve("a")).doesNotExist();
    }

    @Test
    void failuresSayWhatStoodInTheWay() throws Exception {
        Files.createDirectory(place.resolve("dir"));
        Files.writeString(place.resolve("file"), "");

        assertThat(reason(() -> read(at("none"), 0, Optional.empty()))).isEqualTo(FileFailure.Reason.NOT_FOUND);
        assertThat(reason(() -> read("/dev/zero", 0, Optional.empty()))).isEqualTo(FileFailure.Reason.NOT_A_FILE);
        assertThat(reason(() -> read(at("dir"), 0, Optional.empty()))).isEqualTo(FileFailure.Reason.IS_A_DIRECTORY);
        assertThat(reason(() -> files.list(at("file")))).isEqualTo(FileFailure.Reason.NOT_A_DIRECTORY);
        assertThat(reason(() -> files.stat("relative", true))).isEqualTo(FileFailure.Reason.INVALID);
        assertThat(reason(() -> files.stat("/" + "x".repeat(5000), true))).isEqualTo(FileFailure.Reason.NAME_TOO_LONG);
        assertThat(reason(() -> session.files(Optional.of("nonesuch")).stat("/", true)))
                .isEqualTo(FileFailure.Reason.INVALID);
        assertThat(reason(() -> files.rename(at("file"), at("dir"), true)))
                .isEqualTo(FileFailure.Reason.IS_A_DIRECTORY);
        assertThat(reason(() -> files.makeDirectory(at("file"), Optional.empty(), false)))
                .isEqualTo(FileFailure.Reason.EXISTS);
        assertThatThrownBy(() -> files.stat(at("no\u001b[31m"), true))
                .hasMessageStartingWith("cannot stat ")
                .hasMessageEndingWith("no?[31m in the guest: no such file or directory");
    }

    /** However much is still to come: the reason of the failure is what the writer gets to see. */
    @Test
    void aWriterHearsWhyItFailed() throws Exception {
        byte[] block = new byte[1 << 20];

        assertThat(reason(() -> {
                    files.write(at("none/file"), Optional.empty(), out -> {
                        for (int i = 0; i < 100; i++) {
                            out.write(block);
                        }
                    });
                }))
                .isEqualTo(FileFailure.Reason.NOT_FOUND);
    }

    @Test
    void twentyAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = IntStream.range(0, 20)
                    .<Callable<String>>mapToObj(i -> () -> {
                        write(at("f" + i), "content " + i, Optional.empty());
                        return read(at("f" + i), 0, Optional.empty());
                    })
                    .toList();
            int i = 0;
            for (Future<String> done : threads.invokeAll(work)) {
                assertThat(done.get()).isEqualTo("content " + i++);
            }
        }
    }

    private String at(String name) {
        return place + "/" + name;
    }

    private FileStat write(String path, String content, Optional<Integer> mode) throws IOException {
        return files.write(path, mode, out -> out.write(content.getBytes(UTF_8)));
    }

    private String read(String path, long offset, Optional<Long> length) throws IOException {
        try (InputStream content = files.read(path, offset, length)) {
            return new String(content.readAllBytes(), UTF_8);
        }
    }

    private static FileFailure.Reason reason(ThrowingCallable call) {
        return catchThrowableOfType(FileFailure.class, call).reason();
    }
}
