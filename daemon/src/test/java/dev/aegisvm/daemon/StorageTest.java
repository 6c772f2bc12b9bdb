package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SystemViews.StorageView;
import dev.aegisvm.daemon.logs.LogStore;
import dev.aegisvm.daemon.logs.Retention;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept on the disk, and what goes. */
class StorageTest {
    private static final int BLOCK = 8192;
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

    @TempDir
    Path directory;

    private final StockedVmm vmm = new StockedVmm();
    private DaemonHarness daemon;

    /** A hypervisor with saved machines. */
    private static final class StockedVmm implements Vmm {
        private final FakeVmm fake = new FakeVmm();
        private final List<Saved> machines = new ArrayList<>();

        @Override
        public Capabilities capabilities() {
            return fake.capabilities();
        }

        @Override
        public Vm launch(VmSpec spec) throws VmmException {
            return fake.launch(spec);
        }

        @Override
        public List<Saved> saved() {
            return List.copyOf(machines);
        }

        @Override
        public void close() {
            fake.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, vmm);
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private Map<String, StorageView> df() throws IOException {
        byte[] answer = daemon.http.get("/v1/system/df").body().getBytes(StandardCharsets.UTF_8);
        return ApiJson.read(Routes.STORAGE.answer(), answer).stream()
                .collect(Collectors.toMap(StorageView::part, Function.identity()));
    }

    private long reclaimable(String part) throws IOException {
        return Objects.requireNonNull(Objects.requireNonNull(df().get(part)).reclaimableBytes());
    }

    private Map<String, StorageView> prune(String query) throws IOException {
        Http.Answer answer = daemon.http.post("/v1/system/prune" + query, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return ApiJson.read(Routes.PRUNE_STORAGE.answer(), answer.body().getBytes(StandardCharsets.UTF_8)).stream()
                .collect(Collectors.toMap(StorageView::part, Function.identity()));
    }

    private static Path file(Path place) throws IOException {
        Files.createDirectories(place.getParent());
        Files.write(place, new byte[BLOCK]);
        return Files.setLastModifiedTime(place, LONG_AGO);
    }

    /** A template that was used then. */
    private Path template(String name, Instant used) throws IOException {
        Path place = daemon.home.cache().resolve("templates").resolve(name);
        file(place.resolve("memory"));
        vmm.machines.add(new Vmm.Saved(
                place,
                used,
                () -> vmm.machines.removeIf(machine -> machine.directory().equals(place))));
        return place;
    }

    @Test
    void templatesOfYesterdayGoAndThoseInUseStay() throws Exception {
        template("old", Instant.now().minus(Duration.ofDays(2)));
        template("new", Instant.now().minus(Duration.ofHours(2)));
        StorageView templates = Objects.requireNonNull(df().get("templates"));
        assertThat(templates.count()).isEqualTo(2);
        assertThat(templates.bytes()).isGreaterThanOrEqualTo(2 * BLOCK);
        long reclaimable = reclaimable("templates");
        assertThat(reclaimable).isBetween((long) BLOCK, templates.bytes() / 2);
        assertThat(prune("?older_than=7d").get("templates")).isEqualTo(new StorageView("templates", 0, 0, null));
        StorageView pruned = Objects.requireNonNull(prune("").get("templates"));
        assertThat(pruned.count()).isEqualTo(1);
        assertThat(pruned.bytes()).isEqualTo(reclaimable);
        assertThat(vmm.machines)
                .extracting(machine -> machine.directory().getFileName().toString())
                .containsExactly("new");
        assertThat(Objects.requireNonNull(prune("?older_than=1h").get("templates"))
                        .count())
                .isEqualTo(1);
    }

    @Test
    void filesOfEarlierGuestsGoAndThoseOfThisDaemonAndTheNextStay() throws Exception {
        Path cache = daemon.home.cache();
        Path early = file(cache.resolve("kernel-0000000000000001"));
        Path foreign = file(cache.resolve("share/a/tool"));
        assertThat(reclaimable("guest"))
                .as("without a list nobody knows what is needed")
                .isZero();
        List<Path> ours = prepare("0000000000000002");
        daemon.restart();
        assertThat(early).as("the start of a daemon that is alone removes it").doesNotExist();
        Path old = file(cache.resolve("kernel-0000000000000004/vmlinux"));
        Path oldFull = file(cache.resolve("full-0000000000000004.erofs"));
        List<Path> next = prepare("0000000000000003");
        long reclaimable = reclaimable("guest");
        assertThat(reclaimable).isGreaterThanOrEqualTo(BLOCK);
        assertThat(prune("").get("guest")).isEqualTo(new StorageView("guest", 2, reclaimable, null));
        assertThat(old.getParent()).doesNotExist();
        assertThat(oldFull).doesNotExist();
        assertThat(ours).allMatch(Files::exists);
        assertThat(next).allMatch(Files::exists);
        assertThat(foreign).exists();
    }

    /** Files of a guest, and the list that names them. */
    private List<Path> prepare(String hash) throws IOException {
        List<Path> files = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String part : List.of("kernel", "initramfs", "base", "full")) {
            Path place = daemon.home.cache().resolve(part + "-" + hash);
            files.add(file(part.equals("kernel") ? place.resolve("vmlinux") : place));
            lines.add(part + "=" + files.getLast());
        }
        Files.write(daemon.home.guestProperties(), lines);
        return files;
    }

    @Test
    void anImageThatAnInstanceIsMadeOfStays() throws Exception {
        EmptyImage image = EmptyImage.in(directory.resolve("layout"));
        String id = daemon.create("{\"command\":[\"sleep\"],\"image_ref\":\"" + image.reference() + "\"}");
        assertThat(reclaimable("images")).isZero();
        assertThat(Objects.requireNonNull(prune("").get("images")).count()).isZero();
        daemon.http.delete("/v1/instances/" + id);
        assertThat(Objects.requireNonNull(prune("?older_than=1h").get("images")).count())
                .isZero();
        long reclaimable = reclaimable("images");
        assertThat(prune("").get("images")).isEqualTo(new StorageView("images", 1, reclaimable, null));
    }

    @Test
    void rotatedLogsGoOnlyWhenAnAgeIsGiven() throws Exception {
        String id = daemon.running("box");
        Path current = daemon.home.logs().resolve(id + ".ndjson");
        new LogStore(daemon.home.logs(), new Retention(BLOCK, 2)).of(id).system("a line");
        daemon.http.post("/v1/instances/box/stop", "");
        // An earlier daemon left these.
        Path rotated = file(daemon.home.logs().resolve(id + ".ndjson.1"));
        file(daemon.home.logs().resolve(id + ".ndjson.2"));
        daemon.restart();
        assertThat(Objects.requireNonNull(df().get("logs")).count()).isEqualTo(3);
        assertThat(Objects.requireNonNull(prune("").get("logs")).count()).isZero();
        StorageView pruned = Objects.requireNonNull(prune("?older_than=7d").get("logs"));
        assertThat(pruned.count()).isEqualTo(2);
        assertThat(pruned.bytes()).isGreaterThanOrEqualTo(2 * BLOCK);
        assertThat(rotated).doesNotExist();
        assertThat(current).exists();
        assertThat(daemon.http.get("/v1/instances/box/logs").status()).isEqualTo(200);
    }

    @Test
    void aWrongAgeIsRefused() throws Exception {
        Http.Answer answer = daemon.http.post("/v1/system/prune?older_than=week", "");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("older_than must be a number followed by d, h, m or s");
    }
}
