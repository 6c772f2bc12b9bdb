package dev.aegisvm.daemon.idle;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.idle.Uses.Kind;
import org.junit.jupiter.api.Test;

class UsesTest {
    private final Uses uses = new Uses();

    @Test
    void usesAreCountedByTheirKind() {
        assertThat(uses.text()).isEmpty();
        Uses.Use first = uses.begin(Kind.CONNECTION);
        assertThat(uses.text()).contains("a connection is open");
        Uses.Use second = uses.begin(Kind.CONNECTION);
        Uses.Use exec = uses.begin(Kind.EXEC);
        assertThat(uses.text()).contains("2 connections are open, an exec is running");
        assertThat(uses.count(Kind.CONNECTION)).isEqualTo(2);
        first.close();
        first.close();
        assertThat(uses.count(Kind.CONNECTION)).isEqualTo(1);
        exec.close();
        second.close();
        assertThat(uses.text()).isEmpty();
    }

    @Test
    void theEndOfAUseIsAUse() {
        Uses.Use use = uses.begin(Kind.FILE_COPY);
        long begun = System.nanoTime();
        while (uses.sinceLast().toNanos() < 1_000_000) {
            Thread.onSpinWait();
        }
        use.close();
        assertThat(uses.sinceLast().toNanos()).isLessThan(System.nanoTime() - begun);
    }

    @Test
    void aKeepaliveEndsByItselfOrByItsOwner() {
        assertThat(uses.keptAwakeUntil()).isEmpty();
        Instant until = uses.keepAwake(Duration.ofMinutes(1));
        assertThat(uses.keptAwakeUntil()).contains(until);
        assertThat(until).isAfter(Instant.now().plusSeconds(50));
        Duration unused = uses.sinceLast();
        assertThat(unused).as("one that goes on has not ended").isPositive();
        uses.letSleep();
        assertThat(uses.keptAwakeUntil()).isEmpty();
        long begun = System.nanoTime();
        uses.keepAwake(Duration.ZERO);
        assertThat(uses.keptAwakeUntil()).isEmpty();
        assertThat(uses.sinceLast().toNanos()).as("its end is a use").isLessThanOrEqualTo(System.nanoTime() - begun);
    }
}
