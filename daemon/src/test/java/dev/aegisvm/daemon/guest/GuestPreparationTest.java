package dev.aegisvm.daemon.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.vmm.GuestDevices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GuestPreparationTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String HEALTHY = "{\"version\":1,\"uptime_ms\":1,\"processes\":0,\"cpu_ms\":1}";
    private static final Pattern START =
            Pattern.compile("\"exec_id\":\"([^\"]+)\".*\"stdout\":(\\d+),\"stderr\":(\\d+)");

    private final List<String> calls = new ArrayList<>();
    private static final GuestDevices DEVICES = new GuestDevices("vda", "vdb", "share");

    private FakeHarness harness;

    @BeforeEach
    void connect() throws IOException {
        harness = FakeHarness.open();
    }

    @AfterEach
    void disconnect() throws IOException {
        harness.close();
    }

    @Test
    void aGuestIsParkedTwiceOverOneChannel() throws Exception {
        CompletableFuture<Void> guest = CompletableFuture.runAsync(() -> script());
        GuestPreparation preparation = new GuestPreparation();

        preparation.park(harness.hostEnd());
        preparation.mountAndPark(harness.hostEnd(), DEVICES);

        guest.get();
        assertThat(harness.hostEnd().isOpen()).isTrue();
        assertThat(calls.getFirst()).contains("health");
        assertThat(calls.get(1)).contains("park");
        assertThat(calls.get(2)).contains("mount");
        assertThat(calls.get(3)).contains("identify").contains("\"gateway\":true");
        assertThat(calls).anySatisfy(call -> assertThat(call).contains("[\"sh\",\"-c\",\"true\"]"));
        assertThat(calls.getLast()).contains("park");
    }

    @Test
    void anImageNeedNotHaveTheProgramsOfTheWarmUp() throws Exception {
        CompletableFuture<Void> guest = CompletableFuture.runAsync(() -> refuseExecs("-32001", "-32002", "-32001"));
        GuestPreparation preparation = new GuestPreparation();
        preparation.park(harness.hostEnd());
        preparation.mountAndPark(harness.hostEnd(), DEVICES);

        guest.get();
        assertThat(calls.getLast()).contains("park");
    }

    @Test
    void aWarmUpThatFailsIsSaid() throws Exception {
        CompletableFuture<Void> guest = CompletableFuture.runAsync(() -> refuseExecs("-32005"));
        GuestPreparation preparation = new GuestPreparation();
        preparation.park(harness.hostEnd());

        assertThatThrownBy(() -> preparation.mountAndPark(harness.hostEnd(), DEVICES))
                .hasMessageContaining("clone");
        assertThat(harness.hostEnd().isOpen()).isFalse();
        assertThat(guest).failsWithin(LIMIT);
    }

    private void refuseExecs(String... codes) {
        try {
            harness.answerHello();
            answer(HEALTHY);
            answer("{}");
            harness.answerHello();
            answer("{}");
            answer("{\"entropy_bits\":512}");
            for (String code : codes) {
                calls.add(harness.refuse("{\"code\":" + code + ",\"message\":\"clone\"}"));
            }
            answer(HEALTHY);
            answer("{}");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void script() {
        try {
            harness.answerHello();
            answer(HEALTHY);
            answer("{}");
            harness.answerHello();
            String call = answer("{}");
            while (!call.contains("\"park\"")) {
                call = answer(
                        "{\"pid\":7,\"version\":1,\"uptime_ms\":1,\"processes\":0,\"cpu_ms\":1,\"entropy_bits\":512}");
                Matcher start = START.matcher(call);
                if (start.find()) {
                    harness.send(FakeHarness.EOF, Long.parseLong(start.group(2)), new byte[0]);
                    harness.send(FakeHarness.EOF, Long.parseLong(start.group(3)), new byte[0]);
                    harness.notifyOf("exited", "{\"exec_id\":\"" + start.group(1) + "\",\"code\":3}");
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String answer(String result) throws IOException {
        String call = harness.answer(result);
        calls.add(call);
        return call;
    }
}
