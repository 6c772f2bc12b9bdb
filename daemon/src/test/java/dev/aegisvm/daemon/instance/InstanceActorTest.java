package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.idle.IdlePolicy.IdleSettings;
import dev.aegisvm.daemon.idle.IdleWatch.IdleTimers;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.LogStore;
import dev.aegisvm.daemon.logs.Retention;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.host.ProcessIdentity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An actor whose work is done by nobody: a test reports how it went. */
@Timeout(30)
class InstanceActorTest {
    private static final String BUG = "a bug of this test";

    @TempDir
    Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final NoWork work = new NoWork();
    private InstanceActor actor;

    @BeforeEach
    void open() {
        IdleSettings settings = new IdleSettings(IdleTimeout.NEVER, IdleTimeout.NEVER, 2, true);
        InstanceActor.Services services = new InstanceActor.Services(
                new Journal(
                        new NoStore(),
                        new LogStore(directory, new Retention(1 << 20, 2)),
                        new EventLog(),
                        new Counters(),
                        ForeignBudget.of(1 << 30, OptionalLong.empty())),
                (spec, requested, report) -> {
                    work.report = report;
                    return work;
                },
                new NoPorts(),
                new IdleTimers(settings, timers),
                (caller, name, port) -> SocketChannel.open());
        InstanceSpec spec = InstanceSpec.of("inst-1", new Size(512, 1, 64))
                .createdAt(Instant.EPOCH)
                .build();
        actor = new InstanceActor(services, InstanceRecord.created(spec), 0, gone -> {});
    }

    @AfterEach
    void close() {
        timers.shutdownNow();
    }

    @Test
    void aBugWhileABootIsUnderWayLetsNoOtherBeginBesideIt() {
        actor.ask(new InstanceEvent.Start("t"));
        work.bug = true;
        assertThatThrownBy(() -> actor.ask(new InstanceEvent.Use("t"))).hasMessageContaining(BUG);
        assertThatThrownBy(() -> actor.ask(new InstanceEvent.Start("again")))
                .as("the boot has not ended")
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("starting");
        assertThat(work.aborts).hasValue(1);
        assertThat(work.boots).hasValue(1);
        work.report.accept(new InstanceEvent.BootFailed(ErrorCode.WRONG_STATE, "aborted"));
        await().until(() -> actor.snapshot().state() instanceof InstanceState.Stopped);
        actor.ask(new InstanceEvent.Start("again"));
        assertThat(work.boots).hasValue(2);
    }

    @Test
    void aBugBeforeABootBeganIsTheEndOfIt() {
        work.cannotBoot = true;
        assertThatThrownBy(() -> actor.ask(new InstanceEvent.Start("t"))).hasMessageContaining(BUG);
        await().until(() -> actor.snapshot().state() instanceof InstanceState.Stopped);
        work.cannotBoot = false;
        actor.ask(new InstanceEvent.Start("again"));
        assertThat(work.boots).hasValue(1);
    }

    @Test
    void whoeverAsksADeletedOneIsToldSo() throws Exception {
        actor.ask(new InstanceEvent.Delete("t"));
        // Its thread has ended, or is about to.
        for (int i = 0; i < 100; i++) {
            CompletableFuture<InstanceState> late = actor.begin(new InstanceEvent.Start("t"));
            assertThatThrownBy(() -> late.get(10, TimeUnit.SECONDS)).hasMessageContaining("deleted");
        }
    }

    private static final class NoWork implements VmWork {
        private final AtomicInteger boots = new AtomicInteger();
        private final AtomicInteger aborts = new AtomicInteger();
        private volatile Consumer<InstanceEvent> report = event -> {};
        private volatile boolean bug;
        private volatile boolean cannotBoot;

        @Override
        public boolean own(Owner client) {
            return true;
        }

        @Override
        public boolean awaitsOwner() {
            if (bug) {
                bug = false;
                throw new IllegalStateException(BUG);
            }
            return false;
        }

        @Override
        public void resumeFrom(@Nullable Path directory) {}

        @Override
        public Optional<Shortage> shortage(int memoryMb) {
            return Optional.empty();
        }

        @Override
        public void boot(InstanceSpec spec, PublicPorts.Caller instance) {
            if (cannotBoot) {
                throw new IllegalStateException(BUG);
            }
            boots.incrementAndGet();
        }

        @Override
        public void begin(Effect.Slow piece) {
            if (piece instanceof Effect.AbortBoot) {
                aborts.incrementAndGet();
            } else if (piece instanceof Effect.Remove) {
                report.accept(new InstanceEvent.Removed());
            }
        }

        @Override
        public void stopped() {}

        @Override
        public Optional<BootView> lastBoot() {
            return Optional.empty();
        }

        @Override
        public Optional<Long> diskBytes() {
            return Optional.empty();
        }
    }

    private static final class NoStore implements InstanceStore {
        @Override
        public CompletableFuture<?> insert(InstanceRecord record) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void update(InstanceRecord record) {}

        @Override
        public CompletableFuture<?> noteVm(String id, ProcessIdentity process) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void delete(String id) {}
    }

    private static final class NoPorts implements PublicPorts {
        @Override
        public List<ExposedPort> take(List<ExposedPort> wanted) {
            return List.of();
        }

        @Override
        public void keep(List<ExposedPort> ports) {}

        @Override
        public void open(List<ExposedPort> ports, Reachable instance) {}

        @Override
        public void close(List<ExposedPort> ports) {}

        @Override
        public void release(List<ExposedPort> ports) {}

        @Override
        public HttpState http() {
            return new HttpState(Optional.empty(), Optional.empty());
        }

        @Override
        public boolean isBound(ExposedPort port) {
            return true;
        }

        @Override
        public SocketChannel connect(Reachable instance, int guestPort) throws IOException {
            throw new IOException("there is none");
        }
    }
}
