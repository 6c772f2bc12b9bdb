package dev.aegisvm.host;

/**
 * A part of a jail that a host may lack.
 *
 * @param reason why it does not stand, or which one it is
 */
public record Wall(String name, boolean stands, String reason) {
    private static final String SAID = "wall ";

    static boolean isSaidBy(String line) {
        return line.startsWith(SAID);
    }

    /** From what the launcher says: {@code wall NAME yes|no REASON}. */
    static Wall parse(String line) {
        String[] words = line.split(" ", 4);
        return new Wall(words[1], words[2].equals("yes"), words.length > 3 ? words[3] : "");
    }

    /** Whether it stands, and the reason. */
    public String says() {
        return (stands ? "yes" : "no") + (reason.isEmpty() ? "" : ": " + reason);
    }

    /** What is missing, and why. */
    public String lack() {
        return name + " (" + reason + ")";
    }
}
