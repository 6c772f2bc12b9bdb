package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this host has and lacks. {@code aegisd --check} prints it, and {@code aegis doctor --json} after it has looked
 * at the daemon too.
 *
 * @param ok nothing that is needed is missing
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record HostReport(boolean ok, List<Check> checks) {
    public static HostReport of(List<Check> checks) {
        return new HostReport(checks.stream().noneMatch(check -> check.verdict().equals("bad")), checks);
    }

    /**
     * One thing that was looked at.
     *
     * @param verdict {@code ok}, {@code note} (works, but know this) or {@code bad} (needed, and missing)
     * @param found what is there
     * @param mend what to do about it, unless all is well
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Check(
            String name,
            String verdict,
            String found,
            @Nullable String mend) {}
}
