package dev.aegisvm.daemon.instance;

/** Where a request to the HTTP router goes: an instance and the port of the host that stands for its server. */
public record Routed(Reachable instance, int publicPort) {}
