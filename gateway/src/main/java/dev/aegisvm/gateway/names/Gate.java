package dev.aegisvm.gateway.names;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.policy.Policy;

/**
 * By what the questions and the connections of the guest of one boot are judged alike.
 *
 * @param policy gives the one that is in force
 * @param names that it was given addresses for
 * @param audit gets a line of each question and of each connection
 */
public record Gate(Supplier<Policy> policy, SyntheticNames names, Upstream upstream, Consumer<AuditLine> audit) {
    /** What begins a line of now. */
    public static AuditLineBuilder line(String kind, String verdict) {
        return AuditLineBuilder.builder().time(Instant.now()).kind(kind).verdict(verdict);
    }
}
