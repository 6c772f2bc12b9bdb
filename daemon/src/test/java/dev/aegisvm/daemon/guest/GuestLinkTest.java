package dev.aegisvm.daemon.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.guest.protocol.Gateway;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a guest may connect again, with channels that a test hands out. */
@Timeout(30)
class GuestLinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private DialledVm vm = new DialledVm();
    private FakeHarness first;
    private GuestLink link;

    @BeforeEach
    void open() throws Exception {
        open(Origin.Mode.COLD);
    }

    private void open(Origin.Mode mode) throws Exception {
        vm.mode = mode;
        first = FakeHarness.open();
        vm.channels.add(first.hostEnd());
        CompletableFuture<GuestLink> opened = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                opened.complete(GuestLink.open(vm, LIMIT));
            } catch (IOException e) {
                opened.completeExceptionally(e);
            }
        });
        first.answerHello();
        link = opened.get();
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        first.close();
        vm.channels.add(vm.end);
    }

    /** What runs in it was started by another daemon, or in another life. */
    @Test
    void aCopysExitsAreNoViolationThoughItConnectsAgain() throws Exception {
        close();
        vm = new DialledVm();
        open(Origin.Mode.SNAPSHOT);
        first.notifyOf("exited", "{\"exec_id\":\"strange\",\"code\":0}");
        CompletableFuture<Void> asked = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                link.session().health(LIMIT);
                asked.complete(null);
            } catch (GuestException e) {
                asked.completeExceptionally(e);
            }
        });
        first.answer("{\"version\":1,\"uptime_ms\":1,\"processes\":0,\"cpu_ms\":1}");
        asked.get();
        assertThat(link.lost()).isNotDone();
    }

    /** The time that a guest is told is the time at which it is asked, so one that boots first has to be there. */
    @ParameterizedTest
    @EnumSource(names = {"COLD", "TEMPLATE", "SPARE", "SNAPSHOT"})
    void aGuestThatGoesOnIsAskedAlongWithHello(Origin.Mode mode) throws Exception {
        close();
        vm = new DialledVm();
        vm.profile = Profile.QEMU;
        vm.mode = mode;
        first = FakeHarness.open();
        vm.channels.add(first.hostEnd());
        CompletableFuture<Boolean> askedAfterTheAnswer = new CompletableFuture<>();
        AtomicBoolean answered = new AtomicBoolean();
        CompletableFuture<GuestLink> opened = new CompletableFuture<>();
        Consumer<GuestSession> wishes = guest -> {
            askedAfterTheAnswer.complete(answered.get());
            guest.identify("box", Optional.empty(), false);
        };
        Thread.startVirtualThread(() -> {
            try {
                opened.complete(GuestLink.open(vm, LIMIT, Gateway.NONE, wishes, _ -> {}));
            } catch (IOException e) {
                opened.completeExceptionally(e);
            }
        });
        byte[] hello = first.next(FakeHarness.HELLO).payload();
        boolean boots = mode == Origin.Mode.COLD;
        if (!boots) {
            assertThat(first.next(FakeHarness.CONTROL).text()).contains("identify");
        }
        answered.set(true);
        first.send(FakeHarness.HELLO, 0, hello);
        link = opened.get();
        assertThat(askedAfterTheAnswer.get()).isEqualTo(boots);
    }

    @Test
    void whoWaitsForTheMainProcessIsToldWhenTheLinkEndsAsTheGuestConnectsAgain() throws Exception {
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                first.answer("{\"pid\":2}");
                started.complete(null);
            } catch (IOException e) {
                started.completeExceptionally(e);
            }
        });
        GuestProcess main = link.session()
                .start(ProcessSpec.of(ProcessSpec.MAIN, List.of("sleep"), Map.of()))
                .await();
        started.get();
        try (FakeHarness second = FakeHarness.open()) {
            ReadTwice channel = new ReadTwice(second.hostEnd());
            // The new session has the main process, and cannot yet take the place of the one before.
            GuestLink held = link;
            synchronized (held) {
                vm.channels.add(channel);
                second.answerHello();
                channel.again.get();
                held.close();
            }
            CompletableFuture<ProcessExit> exit = main.exit();
            assertThatThrownBy(() -> exit.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("the guest session is over");
        }
    }

    @Test
    void theTimeToComeBackBeginsAnewAfterAFreeze() throws Exception {
        GuestSession lost = link.session();
        first.close();
        lost.closed().get();
        link.frozen(true);
        assertNotLostWithin(Duration.ofMillis(1500));
        link.frozen(false);
        assertNotLostWithin(Duration.ofMillis(500));
        assertThat(link.lost().get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isNull();
    }

    private void assertNotLostWithin(Duration time) {
        CompletableFuture<Void> lost = link.lost();
        assertThatThrownBy(() -> lost.get(time.toMillis(), TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    /** Says when it is read from a second time: then the answer to HELLO has been read, and the session has begun. */
    private static final class ReadTwice implements ByteChannel {
        private final SocketChannel channel;
        private final CompletableFuture<Void> again = new CompletableFuture<>();
        private volatile boolean read;

        ReadTwice(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (read) {
                again.complete(null);
            }
            int count = channel.read(target);
            read = true;
            return count;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return channel.write(source);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final class DialledVm implements Vm {
        private Origin.Mode mode = Origin.Mode.COLD;
        private Profile profile = Profile.SMALL;
        private final BlockingQueue<ByteChannel> channels = new LinkedBlockingQueue<>();
        /** In place of a channel when the VM has ended. */
        private final SocketChannel end;

        DialledVm() {
            try {
                end = SocketChannel.open();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public ByteChannel channel(Duration limit) throws IOException {
            try {
                ByteChannel next = channels.take();
                if (next.equals(end)) {
                    end.close();
                    throw new IOException("the VM has ended");
                }
                return next;
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }

        @Override
        public ProcessIdentity process() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Capabilities capabilities() {
            return profile.capabilities();
        }

        @Override
        public Origin origin() {
            return new Origin(mode, Optional.empty(), () -> {}, _ -> {});
        }

        @Override
        public Optional<Network> network() {
            return Optional.empty();
        }

        @Override
        public void freeze() {}

        @Override
        public void resume() {}

        @Override
        public void kill() {}

        @Override
        public CompletableFuture<VmExit> exit() {
            return new CompletableFuture<>();
        }
    }
}
