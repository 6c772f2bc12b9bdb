package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.api.StatsView.HeldView;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** The daemon, what it keeps on the disk, and its host. {@code openapi.yaml} describes the fields of the first two. */
public final class SystemViews {
    private SystemViews() {}

    @RecordBuilder
    @RecordBuilder.Options(buildMethodName = "make", prefixEnclosingClassNames = false)
    @Json(naming = Json.Naming.LowerUnderscore)
    public record StatusView(
            String status,
            String backend,
            Map<String, Boolean> capabilities,
            Map<String, String> jail,
            String version,
            long pid,
            long uptimeMs,
            int instances,
            @Nullable String routerAddr,
            @Nullable String routerError,
            @Nullable String build,
            @Nullable HeldView held) {
        public StatusView {
            capabilities = Absent.orEmpty(capabilities);
            jail = Absent.orEmpty(jail);
        }
    }

    /** A part of what the daemon keeps on the host's disk, or what was removed of it. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record StorageView(
            String part, int count, long bytes, @Nullable Long reclaimableBytes) {}

    /**
     * What this host has and lacks. {@code aegisd --check} prints it, and {@code aegis doctor --json} after it has
     * looked at the daemon too.
     *
     * @param ok nothing that is needed is missing
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record HostReport(boolean ok, List<Check> checks) {
        public static HostReport of(List<Check> checks) {
            return new HostReport(
                    checks.stream().noneMatch(check -> check.verdict().equals("bad")), checks);
        }
    }

    /**
     * One thing that was looked at.
     *
     * @param verdict {@code ok}, {@code note} (works, but know this) or {@code bad} (needed, and missing)
     * @param mend what to do about it, unless all is well
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Check(
            String name,
            String verdict,
            String found,
            @Nullable String mend) {}
}
