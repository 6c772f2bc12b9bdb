package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.logs.InstanceLog;

/**
 * Writes down what became of what a guest asked for. One that makes more lines than are of use to anybody loses some,
 * which the next line counts. For all threads.
 */
final class NetworkLog implements Consumer<AuditLine> {
    private static final int LINES_A_SECOND = 200;

    private final InstanceLog log;
    private final InstantSource clock;
    private long second;
    private int inThisSecond;
    private long missed;

    NetworkLog(InstanceLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    @Override
    public synchronized void accept(AuditLine line) {
        long now = clock.instant().getEpochSecond();
        inThisSecond = now == second ? inThisSecond + 1 : 1;
        second = now;
        if (inThisSecond > LINES_A_SECOND) {
            missed++;
            return;
        }
        AuditLine counted = missed == 0
                ? line
                : AuditLineBuilder.builder(line).missed(missed).build();
        missed = 0;
        log.append(List.of(ApiJson.write(counted)));
    }
}
