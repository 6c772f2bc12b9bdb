package dev.aegisvm.daemon.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import com.github.luben.zstd.Zstd;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.snapshot.Head.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported snapshots of every version there has been, byte by byte. */
class SnapshotFormatsTest {
    private static final List<Part> PARTS = List.of(new Part("disk.raw", 10, List.of(0L, 3L)));

    private final ForeignBudget.Share memory =
            ForeignBudget.of(512 << 20, OptionalLong.empty()).share();

    @TempDir
    Path into;

    @TempDir
    Path elsewhere;

    private Head read(byte[] unpacked) throws IOException {
        Path file = Files.write(elsewhere.resolve("file"), Zstd.compress(unpacked));
        try (SnapshotPack pack = new SnapshotPack(file, memory)) {
            Head head = pack.head(Duration.ZERO);
            pack.files(head, into);
            assertThat(into.resolve("disk.raw")).hasContent("abc" + "\0".repeat(7));
            return head;
        }
    }

    /** All that is in a file with one file in it, which begins with "abc". */
    private static byte[] unpacked(String json) throws Exception {
        byte[] before = SnapshotPackTest.begin(json);
        ByteBuffer all =
                ByteBuffer.allocate(before.length + 3 + 32).put(before).put("abc".getBytes(StandardCharsets.UTF_8));
        all.put(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(all.array(), before.length + 3)));
        return all.array();
    }

    /** An instance as the files of both versions have it. */
    private static InstanceSpec spec(String id) {
        return InstanceSpec.of(id, new Size(512, 2, 1024))
                .handle(Optional.of("box"))
                .createdAt(Instant.ofEpochMilli(1_700_000_000_001L))
                .image(Optional.of(new InstanceSpec.ImageUse(
                        "app", "docker.io/library/app:1", "sha256:1", Map.of("A", "b"), "/srv", "7")))
                .environment(new Environment(
                        List.of("sleep", "9"),
                        Map.of("C", "d"),
                        Optional.of("/w"),
                        Optional.of("8"),
                        Optional.empty(),
                        false))
                .network(Egress.OPEN.within("allow"))
                .build();
    }

    /** As AegisVM 0.2 wrote it. */
    @Test
    void aFileOfTheFirstVersionIsRead() throws Exception {
        byte[] all = unpacked("{\"version\":1,\"name\":\"s\",\"note\":\"n\",\"takenAt\":1700000000001,\"memory\":true,"
                + "\"root\":\"app.erofs\",\"instance\":\"box\",\"image\":{\"ref\":\"app\",\"name\":\"docker.io/library/app:1\","
                + "\"digest\":\"sha256:1\",\"env\":{\"A\":\"b\"},\"workdir\":\"/srv\",\"user\":\"7\"},\"command\":[\"sleep\",\"9\"],"
                + "\"env\":{\"C\":\"d\"},\"memoryMb\":512,\"vcpus\":2,\"diskMb\":1024,\"network\":\"allow\",\"cwd\":\"/w\","
                + "\"user\":\"8\",\"parts\":[{\"name\":\"disk.raw\",\"size\":10,\"data\":[0,3]}]}");
        Head head = read(all);
        assertThat(head).isEqualTo(new Head(2, "s", "n", 1_700_000_000_001L, "", "app.erofs", spec(""), PARTS));
    }

    /** What this file is must stay, since files of it are there: another format has another number. */
    @Test
    void aFileOfTheSecondVersionIsReadAndWrittenAsItIs() throws Exception {
        byte[] all = unpacked("{\"version\":2,\"name\":\"s\",\"note\":\"n\",\"takenAt\":1700000000002,"
                + "\"backend\":\"qemu\",\"root\":\"app.erofs\","
                + "\"spec\":{\"id\":\"inst-00000000000a\",\"handle\":\"box\","
                + "\"created_at\":\"2023-11-14T22:13:20.001Z\","
                + "\"size\":{\"memory_mb\":512,\"vcpus\":2,\"disk_mb\":1024},"
                + "\"image\":{\"ref\":\"app\",\"name\":\"docker.io/library/app:1\",\"digest\":\"sha256:1\","
                + "\"env\":{\"A\":\"b\"},\"workdir\":\"/srv\",\"user\":\"7\"},"
                + "\"environment\":{\"command\":[\"sleep\",\"9\"],\"env\":{\"C\":\"d\"},\"cwd\":\"/w\","
                + "\"user\":\"8\",\"trust_host_cas\":false},\"secrets\":{\"given\":[],\"bound\":[]},\"exposes\":[],"
                + "\"network\":{\"mode\":\"allow\",\"allow\":[],\"deny\":[]},\"mounts\":{\"volumes\":[]},"
                + "\"life\":{\"kind\":\"stays\"},\"idle\":{},\"labels\":{}},"
                + "\"parts\":[{\"name\":\"disk.raw\",\"size\":10,\"data\":[0,3]}]}");
        InstanceSpec spec = spec("inst-00000000000a");
        Head head = new Head(2, "s", "n", 1_700_000_000_002L, "qemu", "app.erofs", spec, PARTS);
        assertThat(read(all)).isEqualTo(head);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        SnapshotPack.write(head, into, written);
        assertThat(new String(Zstd.decompress(written.toByteArray(), 1 << 20), StandardCharsets.ISO_8859_1))
                .isEqualTo(new String(all, StandardCharsets.ISO_8859_1));
    }
}
