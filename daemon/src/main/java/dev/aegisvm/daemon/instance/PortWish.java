package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.PortMapping.PortProtocol;
import java.util.OptionalInt;

/**
 * A guest port that a new instance shall expose.
 *
 * @param guestPort 1..65535
 * @param publicPort 1..65535; absent: any that is free
 */
public record PortWish(int guestPort, OptionalInt publicPort, PortProtocol protocol) {}
