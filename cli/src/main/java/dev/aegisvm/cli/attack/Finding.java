package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import io.avaje.jsonb.Json;

/**
 * What became of a probe.
 *
 * @param found what was got, or why it could not be tried; empty when it held
 */
record Finding(Verdict verdict, String found) {
    /** From good to bad. */
    enum Verdict {
        /** The VM got nothing. */
        HELD(Colour.GREEN),
        /** The VM gets it, and that is known. */
        OPEN(Colour.YELLOW),
        /** It could not be tried: nothing is known. */
        UNTRIED(Colour.RED),
        /** The VM got what it must not get. */
        BROKEN(Colour.RED);

        final Colour colour;

        Verdict(Colour colour) {
            this.colour = colour;
        }

        @Json.Value
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final Finding HELD = new Finding(Verdict.HELD, "");

    static Finding broken(String found) {
        return new Finding(Verdict.BROKEN, found);
    }

    static Finding untried(String why) {
        return new Finding(Verdict.UNTRIED, why);
    }
}
