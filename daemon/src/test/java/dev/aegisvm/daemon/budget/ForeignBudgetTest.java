package dev.aegisvm.daemon.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.budget.ForeignBudget.Share;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets how much of what there is. */
@Timeout(60)
class ForeignBudgetTest {
    private static final long MIB = 1 << 20;
    private static final Cost ONE = new Cost(MIB, 0);

    private final ForeignBudget budget = new ForeignBudget(new Cost(100 * MIB, 1000));

    /** Takes as much as it gets, and says how much it has then. */
    private static long all(Share share) {
        while (share.take(ONE)) {
            // Once more.
        }
        return share.held().bytes() / MIB;
    }

    @Test
    void aGreedyShareLeavesAsMuchAsItHas() {
        Share one = budget.share();
        assertThat(all(one)).isEqualTo(5 + 31);
        Share other = budget.share();
        assertThat(all(other)).isEqualTo(5 + 15);
        assertThat(one.take(ONE)).isFalse();
    }

    @Test
    void thoseWhoComeTogetherGetTheSame() {
        List<Share> shares = Stream.generate(budget::share).limit(4).toList();
        for (int turn = 0; turn < 100; turn++) {
            shares.forEach(share -> share.take(ONE));
        }
        assertThat(shares).extracting(share -> share.held().bytes() / MIB).containsOnly(5 + 12L, 5 + 13L);
    }

    @Test
    void theLeastIsThereForWhoeverComesLast() {
        for (int i = 0; i < 6; i++) {
            all(budget.share());
        }
        Share last = budget.share();
        assertThat(all(last)).isGreaterThanOrEqualTo(5);
        assertThat(budget.used().bytes()).isLessThanOrEqualTo(100 * MIB);
    }

    @Test
    void soManyThatTheReserveIsNotEnoughShareIt() {
        List<Share> shares = Stream.generate(budget::share).limit(50).toList();
        shares.forEach(share -> assertThat(share.take(ONE)).isTrue());
        assertThat(shares).allMatch(share -> share.held().equals(ONE));
        shares.forEach(ForeignBudgetTest::all);
        assertThat(budget.used().bytes()).isLessThanOrEqualTo(100 * MIB);
    }

    @Test
    void descriptorsAreSharedInTheSameWay() {
        Share share = budget.share();
        int taken = 0;
        while (share.take(new Cost(0, 1))) {
            taken++;
        }
        assertThat(taken).isEqualTo(32 + 312);
        assertThat(budget.share().take(new Cost(1, 32))).isTrue();
        assertThat(share.take(ONE)).isTrue();
    }

    @Test
    void whoGrowsForSpeedLeavesMuchMore() {
        Share share = budget.share();
        while (share.grow(MIB)) {
            // Once more.
        }
        assertThat(share.held().bytes() / MIB).isEqualTo((5 + 31) / 4);
        assertThat(share.take(ONE)).isTrue();
    }

    @Test
    void whatIsGivenBackCanBeTakenAndNoMore() {
        Share share = budget.share();
        all(share);
        share.give(share.held());
        assertThat(budget.used()).isEqualTo(Cost.NONE);
        assertThat(all(share)).isEqualTo(36);
        assertThatThrownBy(() -> share.give(37 * MIB))
                .hasMessageContaining("more memory was released than was reserved");
    }

    @Test
    void whoWaitsGetsWhatAnotherGivesBack() {
        Share share = budget.share();
        all(share);
        assertThat(share.take(MIB, Duration.ZERO)).isFalse();
        CompletableFuture<Boolean> waits =
                CompletableFuture.supplyAsync(() -> share.take(MIB, Duration.ofMinutes(1)), Thread::startVirtualThread);
        share.give(MIB);
        assertThat(waits).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(true);
    }

    @Test
    void aDaemonGivesFiveEighthsOfItsHeapAndAQuarterOfItsDescriptors() {
        assertThat(ForeignBudget.of(512 * MIB, OptionalLong.of(4096)).all()).isEqualTo(new Cost(320 * MIB, 1024));
        assertThat(ForeignBudget.of(512 * MIB, OptionalLong.empty()).all().files())
                .isPositive();
    }
}
