package dev.aegisvm.cli;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at.
 *
 * @param verdict {@code ok}, {@code note} (works, but know this) or {@code bad} (needed, and missing)
 * @param found what is there
 * @param mend what to do about it, unless all is well
 */
@Json(naming = Json.Naming.LowerUnderscore)
record DoctorCheck(
        String name, String verdict, String found, @Nullable String mend) {
    static DoctorCheck ok(String name, String found) {
        return new DoctorCheck(name, "ok", found, null);
    }

    static DoctorCheck note(String name, String found, String mend) {
        return new DoctorCheck(name, "note", found, mend);
    }

    static DoctorCheck bad(String name, String found, String mend) {
        return new DoctorCheck(name, "bad", found, mend);
    }

    boolean isBad() {
        return verdict.equals("bad");
    }
}
