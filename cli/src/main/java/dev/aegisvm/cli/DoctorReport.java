package dev.aegisvm.cli;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * All that was looked at.
 *
 * @param ok nothing that is needed is missing
 */
@Json(naming = Json.Naming.LowerUnderscore)
record DoctorReport(boolean ok, List<DoctorCheck> checks) {}
