package dev.aegisvm.daemon.idle;

import java.util.concurrent.ScheduledExecutorService;

/**
 * What the idle timers of all instances share.
 *
 * @param timers runs what is short; after its shutdown it takes nothing more, and does not complain
 */
public record IdleTimers(IdleSettings settings, ScheduledExecutorService timers) {}
