package dev.aegisvm.daemon.http;

import java.util.Map;

/**
 * What the status says of the daemon and of the hypervisor under it.
 *
 * @param name of the hypervisor
 * @param capabilities what it can do, by the contract's words
 * @param version of the daemon
 */
public record Backend(String name, Map<String, Boolean> capabilities, String version) {}
