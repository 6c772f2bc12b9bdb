package dev.aegisvm.daemon.guest;

import java.time.Duration;

/**
 * What the harness says of the guest.
 *
 * @param version of the guest channel
 * @param uptime since the guest's kernel started
 * @param processes that the harness started and that still run
 * @param cpu time that all processes of the guest used since boot, user and system
 * @param netBytes received and sent since boot by all interfaces but the loopback
 */
public record Health(int version, Duration uptime, int processes, Duration cpu, long netBytes) {}
