package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What takes too long for every day: {@code make stress}. */
@Tag("stress")
class StressTest {
    private static final int KILLS = 100;
    private static final Duration LONG = Duration.ofMinutes(10);

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon();

    /** Start, write and sync, kill -9 of the daemon, up, read: a hundred times on one disk. */
    @Test
    void aHundredKilledDaemonsLoseNothingAndLeaveNothing() throws IOException {
        startBox();
        // Its log is there from the first line on.
        inBox("echo 0");
        home.aegis("instance", "stop", "box").ok();
        Inventory before = Inventory.of(home);
        for (int i = 1; i <= KILLS; i++) {
            startBox();
            inBox("echo " + i + " >> /root/f && sync /root/f");
            home.killDaemon();
            home.aegis("up").ok();
            startBox();
            assertThat(inBox("cat /root/f").lines()).hasSize(i).endsWith(Integer.toString(i));
            home.aegis("instance", "stop", "box").ok();
        }
        Inventory after = Inventory.of(home);
        System.out.println("before: " + before.figures());
        System.out.println("after " + KILLS + " killed daemons: " + after.figures());
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aPauseOfTenMinutesIsNoneToTheGuest() throws IOException {
        startBox();
        HomeFixture.Running counting =
                home.start("exec", "box", "--", "sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 1; done");
        // A kernel measures its clock in the first seconds after its boot, and says so.
        await().until(() -> counting.soFar().contains("5\n"));
        inBox("dmesg --clear");
        long vm = home.vmPids().getFirst();
        home.aegis("instance", "pause", "box").ok();
        ProcStat paused = ProcStat.stopped(vm);
        await().pollInterval(Duration.ofSeconds(5))
                .during(LONG)
                .atMost(LONG.plusMinutes(1))
                .until(() -> ProcStat.of(vm).equals(paused));
        Instant before = Instant.now();
        String date = inBox("date +%s%3N").trim();
        assertThat(Instant.ofEpochMilli(Long.parseLong(date)))
                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        String counted = counting.soFar();
        await().until(() -> counting.soFar().length() > counted.length());
        assertThat(counting.soFar().lines().count())
                .as("seconds that a guest counts")
                .isLessThan(60);
        assertThat(inBox("dmesg")).as("what the guest's kernel says of it").isEmpty();
        counting.process().destroy();
        counting.await();
        home.aegis("instance", "stop", "box").ok();
    }

    private void startBox() {
        home.aegis("instance", "start", "--name", "box", "--", "sleep", "100000")
                .ok();
    }

    /** What a script prints in the box. */
    private String inBox(String script) {
        return home.aegis("exec", "box", "--", "sh", "-c", script).ok().stdout();
    }
}
