package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Archives that are built to exhaust: each is refused in time, and an instance that is used meanwhile hardly feels it. */
class HostileImagesTest {
    private static final ExecRequest TRUE = ExecRequest.of(List.of("true"));
    private static final double MAX_SECONDS = 30;
    private static final long MORE_OF_THE_DAEMON_KIB = 64 << 10;
    private static final long MAX_CHILD_KIB = 512 << 10;
    private static final int EXECS_BEFORE = 60;
    private static final long EXEC_EVERY_MS = 500;
    /** Our aim is 3; the rest is for a machine that does something else too. */
    private static final double MAX_SLOWER = 10;
    /** With other scenarios beside it, few samples say no more than that every exec was answered. */
    private static final double ANSWERED = 1e6;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon().withBox();

    @TempDir
    Path scratch;

    private final List<Double> execs = new CopyOnWriteArrayList<>();
    private final LongAccumulator child = new LongAccumulator(Math::max, 0);

    @Test
    @Tag("vm")
    @NotInOuterVm("how fast an image is refused, without a VM")
    void smallOnesInTurnAndAtOnce() throws IOException {
        hold(EnumSet.of(HostileArchive.LINKS, HostileArchive.NAME, HostileArchive.NULL), ANSWERED);
    }

    @Test
    @Tag("stress")
    void allOfThemInTurnAndAtOnce() throws IOException {
        hold(EnumSet.allOf(HostileArchive.class), MAX_SLOWER);
    }

    private void hold(Set<HostileArchive> archives, double maxSlower) throws IOException {
        for (HostileArchive archive : archives) {
            archive.in(scratch);
        }
        try (DaemonClient client = home.client()) {
            List<Double> before = new ArrayList<>();
            while (before.size() < EXECS_BEFORE) {
                before.add(exec(client));
            }
            ProcessHandle daemon = ProcessHandle.of(home.daemonPid()).orElseThrow();
            long memory = kib(daemon, "VmRSS");
            // Forgets VmHWM; see proc_pid_clear_refs(5).
            Files.writeString(Path.of("/proc", Long.toString(daemon.pid()), "clear_refs"), "5");
            try (ScheduledExecutorService clock = Executors.newScheduledThreadPool(1)) {
                var _ = clock.scheduleAtFixedRate(() -> look(client, daemon), 0, EXEC_EVERY_MS, TimeUnit.MILLISECONDS);
                for (HostileArchive archive : archives) {
                    refused(EnumSet.of(archive));
                }
                refused(archives);
            }
            long more = kib(daemon, "VmHWM") - memory;
            System.out.printf(
                    "exec of true, p50 and p99: %.1f and %.1f ms before, %.1f and %.1f ms meanwhile (%d)%n",
                    quantile(before, 0.5),
                    quantile(before, 0.99),
                    quantile(execs, 0.5),
                    quantile(execs, 0.99),
                    execs.size());
            System.out.printf("the daemon grew by %d MB, a child had %d MB%n", more >> 10, child.get() >> 10);
            assertThat(more).isLessThanOrEqualTo(MORE_OF_THE_DAEMON_KIB);
            assertThat(child.get()).isPositive().isLessThanOrEqualTo(MAX_CHILD_KIB);
            assertThat(quantile(execs, 0.99)).isLessThanOrEqualTo(maxSlower * quantile(before, 0.99));
        }
    }

    /** Loads them at once. */
    private void refused(Set<HostileArchive> archives) {
        long begun = System.nanoTime();
        Map<HostileArchive, HomeFixture.Running> loads = new EnumMap<>(HostileArchive.class);
        for (HostileArchive archive : archives) {
            loads.put(
                    archive,
                    home.start("image", "load", scratch.resolve(archive.name()).toString()));
        }
        loads.forEach((archive, load) -> {
            HomeFixture.Result result = load.await();
            assertThat(result.exitCode()).as(archive.name()).isEqualTo(1);
            assertThat(result.stderr()).as(archive.name()).contains(archive.refusal());
        });
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf("%s: refused after %.1f s%n", archives, seconds);
        assertThat(seconds).as("seconds until %s was refused", archives).isLessThanOrEqualTo(MAX_SECONDS);
    }

    private void look(DaemonClient client, ProcessHandle daemon) {
        try {
            execs.add(exec(client));
        } catch (ApiException | IOException broken) {
            execs.add(Double.MAX_VALUE);
        }
        daemon.descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .forEach(process -> child.accumulate(kib(process, "VmHWM")));
    }

    private static double exec(DaemonClient client) throws IOException {
        long begun = System.nanoTime();
        String answer = new String(client.json(Routes.EXEC.with(TRUE, "box")), StandardCharsets.UTF_8);
        if (!answer.contains("\"exit_code\":0")) {
            throw new IOException("an exec ended so: " + answer);
        }
        return (System.nanoTime() - begun) / 1e6;
    }

    /** A figure of a process; 0 when it is gone. */
    private static long kib(ProcessHandle process, String figure) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith(figure))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException | UncheckedIOException gone) {
            return 0;
        }
    }

    private static double quantile(List<Double> values, double part) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) (sorted.size() * part));
    }
}
