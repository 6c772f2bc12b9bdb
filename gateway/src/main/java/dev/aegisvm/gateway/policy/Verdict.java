package dev.aegisvm.gateway.policy;

/**
 * What a policy says about a destination.
 *
 * @param byName whether a rule let it pass for its name, so that the client must mean that name
 * @param rule what decided: a rule, {@link #DENY} and a rule, or the mode
 * @param sentence why, for the user; where it was refused, with what to do about it
 */
public record Verdict(boolean allowed, boolean byName, String rule, String sentence) {
    /** What stands before a rule that denied. */
    public static final String DENY = "deny ";
    /** What stands before the name of a secret that is bound to a host, which allows that host. */
    public static final String SECRET = "secret ";

    static Verdict allowed(String rule, boolean byName) {
        return new Verdict(true, byName, rule, "allowed by " + rule);
    }

    static Verdict refused(String rule, String sentence) {
        return new Verdict(false, false, rule, sentence);
    }
}
