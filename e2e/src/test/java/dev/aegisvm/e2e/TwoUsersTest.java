package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two daemons on one host that want one router port; as root, those of two users. */
@Tag("vm")
@Tag("root")
@Tag("check-all")
@NotInOuterVm("the host's users, of whom JailAttackTest has two")
class TwoUsersTest {
    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void theSecondIsToldThatTheRoutersPortIsTheFirsts() throws Exception {
        HostUser last = HostUser.all().reduce((first, second) -> second).orElseThrow();
        String address = "127.0.0.1:" + free();
        try (HomeFixture first = HomeFixture.create().with("AEGIS_ROUTER_ADDR", address);
                HomeFixture second = last.home().with("AEGIS_ROUTER_ADDR", address)) {
            assertThat(first.aegis("up").ok().stderr()).doesNotContain("warning");
            assertThat(first.aegis("status").ok().stdout()).contains("HTTP router: http://" + address + "\n");

            assertThat(second.aegis("up").ok().stderr())
                    .contains("aegis: warning: the HTTP router cannot listen on port ");
            assertThat(second.aegis("status").ok().stdout()).contains("HTTP router: cannot listen on port ");
            second.aegis("instance", "start", "--name", "none", "--", "sleep", "60")
                    .ok();
            assertThat(second.aegis("instance", "start", "--name", "web", "--expose", "80", "--", "sleep", "60")
                            .ok()
                            .stderr())
                    .contains("warning: the HTTP router cannot listen");
            assertThat(second.aegis("instance", "info", "web").ok().stdout())
                    .contains("HTTP router:  does not listen", "http://127.0.0.1:2");

            first.aegis("down").ok();
            await().until(() -> second.aegis("status").ok().stdout().contains("HTTP router: http://" + address));
            assertThat(second.aegis("instance", "info", "web").ok().stdout())
                    .contains("http://" + address + " with X-Aegis-Instance: web");
        }
    }
}
