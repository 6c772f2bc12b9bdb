package dev.aegisvm.daemon.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import com.github.luben.zstd.*;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.snapshot.Head.Part;
import dev.aegisvm.host.SparseFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot in a file, as it is written, and as nobody of us writes it. */
class SnapshotPackTest {
    private static final long LARGE = 1L << 36;

    private final ForeignBudget.Share memory =
            ForeignBudget.of(512 << 20, OptionalLong.empty()).share();

    @TempDir
    Path directory;

    private Path from;
    private Path into;

    @BeforeEach
    void makeFiles() throws IOException {
        from = Files.createDirectory(directory.resolve("from"));
        into = Files.createDirectory(directory.resolve("into"));
        SparseFile.create(from.resolve("disk.raw"), LARGE);
        try (RandomAccessFile disk =
                new RandomAccessFile(from.resolve("disk.raw").toFile(), "rw")) {
            disk.seek(LARGE / 2);
            disk.write("in the middle".getBytes(StandardCharsets.US_ASCII));
        }
        Files.writeString(from.resolve("layout"), "4096\n");
    }

    private static Head head(List<Part> parts) {
        return head(parts, Map.of("A", "1"));
    }

    private static Head head(List<Part> parts, Map<String, String> env) {
        InstanceSpec spec = InstanceSpec.of("inst-00000000000a", new Size(512, 1, 1024))
                .handle(Optional.of("box"))
                .createdAt(Instant.ofEpochMilli(1))
                .environment(Environment.NONE.withCommand(List.of("sleep")).withEnv(env))
                .build();
        return new Head(2, "s", null, 1, null, "", spec, parts);
    }

    /** What an import finds wrong with a head that differs from a good one by some text. */
    private void refusedHead(String good, String bad, String why) throws IOException {
        String json = new String(head().json(), StandardCharsets.UTF_8);
        assertThat(json).contains(good);
        assertThatThrownBy(() -> read(Zstd.compress(begin(json.replace(good, bad)))))
                .as(bad)
                .hasMessageContaining(why);
        assertThat(into).as("nothing is written").isEmptyDirectory();
    }

    /** What is in a file up to the data of the first file in it. */
    static byte[] begin(String json) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        out.writeUTF("aegis snapshot");
        out.writeInt(head.length);
        out.write(head);
        return bytes.toByteArray();
    }

    @Test
    void whatAnInstanceMayDoOnItsHostStaysThere() {
        InstanceSpec all = head(List.of())
                .spec()
                .with()
                .secrets(new InstanceSecrets(List.of("KEY"), List.of()))
                .mounts(new Mounts(
                        Optional.of(new Mounts.Workspace("/home/me", Mounts.Workspace.Access.COPY)), List.of()))
                .exposes(List.of(InstanceSpec.ExposedPort.of("8080:80/tcp")))
                .labels(Map.of("team", "a"))
                .build();
        SnapshotRecord snapshot = new SnapshotRecord(
                "snap-1", "s", Optional.empty(), Instant.ofEpochMilli(1), Optional.of("fake"), false, all);
        Head head = Head.of(snapshot, "", List.of());
        assertThat(new String(head.json(), StandardCharsets.UTF_8)).doesNotContain("KEY", "/home/me", "8080", "team");
        assertThat(head.backend()).isEqualTo("fake");
        assertThat(head.spec().environment().cwd()).as("where it was copied to").hasValue("/workspace");
        Head hostile = new Head(2, "s", null, 1, null, "", all, List.of());
        InstanceSpec taken = hostile.record("t", Optional.empty(), Egress.NONE).spec();
        assertThat(taken.secrets()).isEqualTo(InstanceSecrets.NONE);
        assertThat(taken.mounts()).isEqualTo(Mounts.NONE);
        assertThat(taken.exposes()).isEmpty();
        assertThat(taken.id()).isNotEqualTo(all.id());
    }

    @Test
    void whatAnInstanceCannotBeIsRefusedBeforeAnythingIsWritten() throws IOException {
        refusedHead("\"version\":2", "\"version\":3", "format version 3");
        refusedHead("[\"sleep\"]", "[]", "a command is required");
        refusedHead("[\"sleep\"]", "[\"\"]", "a command is required");
        refusedHead("{\"A\":\"1\"}", "{\"A=B\":\"1\"}", "'A=B' is not a valid variable name");
        refusedHead("{\"A\":\"1\"}", "{\"A\\nB\":\"1\"}", "its header is damaged");
        refusedHead("{\"A\":\"1\"}", "{\"\":\"1\"}", "is not a valid variable name");
        refusedHead("\"trust_host", "\"cwd\":\"srv\",\"trust_host", "an absolute path in the guest, not 'srv'");
        refusedHead("\"trust_host", "\"user\":\"\",\"trust_host", "user must be name, uid");
        refusedHead("\"takenAt\":1,", "\"takenAt\":4611686018427387904,", "in the future");
        refusedHead("\"takenAt\":1,", "\"takenAt\":-1,", "before 1970");
        refusedHead("\"name\":\"s\"", "\"name\":\"../s\"", "a name matches");
        refusedHead("\"handle\":\"box\"", "\"handle\":\"BOX\"", "a name matches");
        refusedHead("\"vcpus\":1,", "\"vcpus\":1,\"vcpus\":2,", "its header is damaged");
        refusedHead("\"vcpus\":1,", "\"vcpus\":1,\"more\":2,", "unknown field 'more'");
    }

    /** The parser skips the quote after the 1, and goes down on brackets that would be text. */
    @Test
    void aHeadThatHidesHowDeepItNestsIsRefused() throws IOException {
        String hidden = "\"x\":1\",\"y\":" + "[".repeat(100_000) + "\",";
        refusedHead("\"version\":2,", "\"version\":2," + hidden, "not well-formed");
    }

    @Test
    void namesOfVariablesHaveNoControlCharacters() throws IOException {
        List<Part> parts = head().parts();
        for (String name : List.of("A\nB", "A\0", "\u007f", "A=B", "")) {
            assertThatThrownBy(() -> head(parts, Map.of(name, "1")).check())
                    .hasMessageContaining("is not a valid variable name");
        }
        head(parts, Map.of("npm_config_@scope:registry", "1")).check();
    }

    @Test
    void aDiskIsWholeAndHasAsMuchAsItsInstanceCanWrite() {
        List<Long> none = List.of();
        for (List<String> names : List.of(
                List.of("disk.raw.1"),
                List.of("layout"),
                List.of("disk.raw", "disk.raw.3"),
                List.of("disk.raw", "disk.raw.1", "disk.raw.3"),
                List.of("disk.raw", "disk.raw.1", "disk.raw.1"))) {
            assertThatThrownBy(() -> head(names.stream()
                                    .map(name -> new Part(name, 10, none))
                                    .toList())
                            .check())
                    .as(names.toString())
                    .hasMessageMatching("a file of its disk is missing|it contains a file twice");
        }
        head(List.of(new Part("disk.raw.1", 10, none), new Part("disk.raw", 10, none)))
                .check();
        long most = (1024L + 64 + 64) << 20;
        head(List.of(new Part("disk.raw", LARGE, List.of(0L, most)))).check();
        assertThatThrownBy(() -> head(List.of(new Part("disk.raw", LARGE, List.of(0L, most + (1 << 20)))))
                        .check())
                .hasMessageContaining("larger than its instance's disk limit");
    }

    private Head head() throws IOException {
        return head(List.of(Part.of(from.resolve("disk.raw")), Part.of(from.resolve("layout"))));
    }

    private byte[] written(Head head) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotPack.write(head, from, out);
        return out.toByteArray();
    }

    private Head read(byte[] file) throws IOException {
        Path name = Files.write(directory.resolve("file"), file);
        try (SnapshotPack pack = new SnapshotPack(name, memory)) {
            Head head = pack.head(Duration.ZERO);
            pack.files(head, into);
            return head;
        }
    }

    @Test
    void whatIsWrittenComesBackWithItsHoles() throws IOException {
        byte[] file = written(head());
        assertThat(file.length).isLessThan(10_000);
        assertThat(read(file)).isEqualTo(head());
        assertThat(into.resolve("disk.raw")).hasSize(LARGE);
        assertThat(SparseFile.allocatedBytes(into.resolve("disk.raw"))).isLessThan(1 << 20);
        assertThat(SparseFile.extents(into.resolve("disk.raw")))
                .hasSameSizeAs(SparseFile.extents(from.resolve("disk.raw")));
        try (RandomAccessFile disk =
                new RandomAccessFile(into.resolve("disk.raw").toFile(), "r")) {
            disk.seek(LARGE / 2);
            byte[] word = new byte["in the middle".length()];
            disk.readFully(word);
            assertThat(word).asString(StandardCharsets.US_ASCII).isEqualTo("in the middle");
        }
        assertThat(into.resolve("layout")).hasContent("4096\n");
    }

    @Test
    void oneByteMoreLessOrOtherwiseIsNoticed() throws IOException {
        byte[] file = written(head());
        byte[] all = Zstd.decompress(file, 1 << 20);
        for (int at = 0; at < all.length; at += 97) {
            byte[] other = all.clone();
            other[at] ^= 1;
            refused(Zstd.compress(other));
        }
        refused(Zstd.compress(Arrays.copyOf(all, all.length - 1)));
        refused(Zstd.compress(Arrays.copyOf(all, all.length + 1)));
        refused(Arrays.copyOf(file, file.length / 2));
        refused(new byte[0]);
        refused("not compressed".getBytes(StandardCharsets.US_ASCII));
    }

    private void refused(byte[] file) throws IOException {
        for (String left : List.of("disk.raw", "layout")) {
            Files.deleteIfExists(into.resolve(left));
        }
        assertThatThrownBy(() -> read(file)).isInstanceOfAny(IOException.class, RuntimeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../disk",
                "../disk.raw",
                "a/disk.raw.1",
                "/etc/passwd",
                "disk.raw.x",
                "",
                ".hidden",
                "disk.raw.1234",
                "disk.raw.0",
                "disk.raw.01",
                "other.raw"
            })
    void namesLeadNowhere(String name) {
        assertThatThrownBy(() -> head(List.of(new Part(name, 1, List.of()))).check())
                .hasMessageContaining("invalid name");
    }

    @Test
    void piecesAreWithinTheirFileAndInOrder() {
        for (List<Long> data : List.of(
                List.of(0L, 11L),
                List.of(-1L, 2L),
                List.of(5L, 1L, 5L, 1L),
                List.of(0L, 0L),
                List.of(1L, Long.MAX_VALUE))) {
            assertThatThrownBy(() -> head(List.of(new Part("layout", 10, data))).check())
                    .hasMessageContaining("parts beyond its own end");
        }
        assertThatThrownBy(
                        () -> head(List.of(new Part("layout", 10, List.of(1L)))).check())
                .hasMessageContaining("separate parts");
        assertThatThrownBy(() -> head(List.of(new Part("layout", Long.MAX_VALUE, List.of())))
                        .check())
                .hasMessageContaining("too large");
    }

    @Test
    void littleDoesNotFillTheDisk() {
        long much = 2L << 30;
        long free = 3L << 30;
        assertThat(SnapshotFiles.most(much, 1 << 20, free)).isLessThan(much);
        assertThat(SnapshotFiles.most(much, 100 << 20, free)).isEqualTo(free);
    }

    @Test
    void theHeadIsBounded() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("aegis snapshot");
        out.writeInt((6 << 20) + 1);
        out.write(new byte[(6 << 20) + 1]);
        byte[] file = Zstd.compress(bytes.toByteArray());
        assertThat(file.length).isLessThan(10_000);
        assertThatThrownBy(() -> read(file)).hasMessageContaining("not an exported snapshot");
        List<Long> pieces = new ArrayList<>();
        for (long at = 0; at < 1_200_000; at++) {
            pieces.add(at * 1_000_000);
        }
        Head large = head(List.of(new Part("disk.raw", Long.MAX_VALUE, pieces)));
        assertThatThrownBy(() -> written(large)).hasMessageContaining("too many separate parts");
    }

    @Test
    void whatZstdNeedsIsBounded() throws IOException {
        byte[] all = Zstd.decompress(written(head()), 1 << 20);
        assertThat(read(packed(all, 23))).isEqualTo(head());
        assertThatThrownBy(() -> read(packed(all, 24))).hasMessageContaining("too much memory");
    }

    private static byte[] packed(byte[] all, int window) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream packed = new ZstdOutputStreamNoFinalizer(file).setWindowLog(window)) {
            packed.write(all);
        }
        return file.toByteArray();
    }

    /** In memory, a head is many times as large as in its file; while files are unpacked it stays there. */
    @Test
    void headsThatAreReadAtOnceAreHeldToABound() throws Exception {
        List<Long> pieces = new ArrayList<>();
        for (long at = 0; at < 800_000; at += 2) {
            pieces.addAll(List.of(at * 1000, 1L));
        }
        String json =
                new String(head(List.of(new Part("disk.raw", LARGE, pieces))).json(), StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("large"), Zstd.compress(begin(json)));
        CompletableFuture<Head> late;
        try (SnapshotPack first = new SnapshotPack(file, memory);
                SnapshotPack second = new SnapshotPack(file, memory)) {
            assertThat(first.head(Duration.ZERO).parts()).hasSize(1);
            assertThat(memory.held().bytes()).isBetween(16L * json.length(), 97L << 20);
            assertThatThrownBy(() -> second.head(Duration.ZERO))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("memory for imports is in use");
            late = CompletableFuture.supplyAsync(() -> headOf(file), Thread::startVirtualThread);
            assertThat(memory.held().bytes()).isLessThanOrEqualTo(97 << 20);
        }
        assertThat(late.get().parts()).as("of one that waits for the first").hasSize(1);
        assertThat(memory.held()).isEqualTo(ForeignBudget.Cost.NONE);
    }

    /** With the heap that aegisd has. */
    @Test
    void thereIsMemoryForTheLargestHead() throws IOException {
        int rest = head(head().parts(), Map.of("A", "")).json().length;
        Map<String, String> env = Map.of("A", "x".repeat((6 << 20) - rest));
        byte[] file = written(head(head().parts(), env));
        assertThat(read(file).spec().environment().env()).isEqualTo(env);
    }

    /** Also where their hashes lie close together. */
    @Test
    @Timeout(60)
    void manyVariablesAreReadInLinearTime() throws IOException {
        Map<String, String> env = IntStream.range(0, 500_000)
                .mapToObj(i -> Integer.toString(i, 36))
                .collect(Collectors.toMap(name -> name, name -> ""));
        String json = new String(head(head().parts(), env).json(), StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("many"), Zstd.compress(begin(json)));
        assertThat(headOf(file).spec().environment().env()).isEqualTo(env);
    }

    private Head headOf(Path file) {
        try (SnapshotPack pack = new SnapshotPack(file, memory)) {
            return pack.head(Duration.ofMinutes(1));
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }
}
