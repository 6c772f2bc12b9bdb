package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.fake.FakeVm;
import dev.aegisvm.vmm.fake.FakeVmm;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon on a backend with less than QEMU has, whose guests connect again when their channel is lost. */
class SmallMachineTest {
    @TempDir
    Path directory;

    private final FakeVmm vmm = new FakeVmm(Profile.SMALL);
    private DaemonHarness daemon;

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, vmm);
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private String exec() throws Exception {
        return daemon.http
                .post("/v1/instances/a/exec", "{\"command\":[\"print\",\"hello\"]}")
                .body();
    }

    /** Returns when the guest has connected again: what is asked of it before may be asked on the channel that is lost. */
    private void saved(FakeVm vm) throws Exception {
        vm.snapshot(Files.createDirectory(directory.resolve("snapshot")), true);
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/a/logs").body()).contains("the guest reconnected"));
    }

    @Test
    void aNetworkThatThisMachineCannotHaveIsRefused() throws Exception {
        var refusal =
                daemon.http.post("/v1/instances", "{\"handle\":\"a\",\"command\":[\"wait\"],\"network\":\"open\"}");
        assertThat(refusal.status()).isEqualTo(501);
        assertThat(refusal.body()).contains("cannot give a VM a network", "Start it without a network");
    }

    @Test
    void aVmThatIsSavedGoesOnWithAnotherChannel() throws Exception {
        daemon.running("a");
        assertThat(exec()).contains("hello", "\"exit_code\":0");
        FakeVm vm = vmm.last();
        saved(vm);
        assertThat(exec()).as("in the session after it").contains("hello", "\"exit_code\":0");
        daemon.awaitState("a", "running");
        assertThat(vm.exit()).isNotDone();
        assertThat(daemon.http.post("/v1/instances/a/stop", "").status()).isEqualTo(200);
        assertThat(vm.guest().calls("shutdown"))
                .as("an orderly end, in the new session")
                .isEqualTo(1);
    }

    @Test
    void theEndOfTheMainProcessIsHeardInTheNextSession() throws Exception {
        daemon.running("a");
        saved(vmm.last());
        assertThat(exec()).contains("hello");
        vmm.last().guest().endMain();
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/a/logs").body()).contains("process exited (code="));
    }

    @Test
    void theMainProcessIsSignalledInTheNextSession() throws Exception {
        daemon.running("a");
        saved(vmm.last());
        Http.Answer answer = daemon.http.delete("/v1/instances/a/execs/main?signal=15");
        assertThat(answer.body()).isEqualTo("{\"status\":\"signalled\"}");
        assertThat(vmm.last().guest().calls("signal")).isEqualTo(1);
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/a/logs").body()).contains("process exited (code="));
    }

    @Test
    void aGuestThatDoesNotComeBackIsTheEndOfItsVm() throws Exception {
        daemon.running("a");
        vmm.last().guest().goSilent();
        daemon.awaitState("a", "stopped");
        assertThat(vmm.last().exit()).isDone();
    }

    @Test
    void aGuestThatBreaksTheProtocolIsEndedAtOnce() throws Exception {
        daemon.running("a");
        vmm.last().guest().misbehave();
        daemon.awaitState("a", "stopped");
        assertThat(daemon.http.get("/v1/instances/a").body()).contains("the guest broke the protocol");
    }

    @Test
    void aWorkspaceIsRefusedByNameBeforeThereIsAnInstance() throws Exception {
        Http.Answer refusal =
                daemon.http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"a\",\"workspace\":\"notes\"}");
        assertThat(refusal.status()).as(refusal.body()).isEqualTo(501);
        assertThat(refusal.body()).contains("\"unsupported\"", "this backend (small) cannot share a host directory");
        assertThat(daemon.http.get("/v1/instances/a").status()).isEqualTo(404);
    }

    @Test
    void anImageIsRefusedBeforeItIsPulled() throws Exception {
        FakeVmm without = new FakeVmm(Profile.SMALL.without(Capability.IMAGE_ROOT));
        try (DaemonHarness other = DaemonHarness.openWith(Files.createDirectory(directory.resolve("other")), without)) {
            Http.Answer refusal = other.http.post("/v1/instances", "{\"image_ref\":\"oci:/nowhere\"}");
            assertThat(refusal.status()).as(refusal.body()).isEqualTo(501);
            assertThat(refusal.body())
                    .contains("\"unsupported\"", "this backend (small) cannot start a VM from an image");
        }
    }

    @Test
    void pauseIsRefusedWhereThereIsNone() throws Exception {
        FakeVmm without = new FakeVmm(Profile.SMALL.without(Capability.PAUSE_RESUME));
        try (DaemonHarness other = DaemonHarness.openWith(Files.createDirectory(directory.resolve("other")), without)) {
            other.running("a");
            Http.Answer refusal = other.http.post("/v1/instances/a/pause", "");
            assertThat(refusal.status()).isEqualTo(501);
            assertThat(refusal.body()).contains("\"unsupported\"", "this backend (small) cannot pause a VM");
            other.awaitState("a", "running");
            assertThat(other.http.get("/v1/status").body())
                    .contains("\"pause_resume\":false", "\"boot_from_disk_layers\":true", "\"snapshot\":true");
        }
    }
}
