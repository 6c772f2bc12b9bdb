package dev.aegisvm.host;

import module java.base;

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

    String says() {
        return (stands ? "yes" : "no") + (reason.isEmpty() ? "" : ": " + reason);
    }

    /** Which of these walls do not stand, and why; empty if all do. */
    public static String lacks(List<Wall> walls) {
        return walls.stream()
                .filter(wall -> !wall.stands)
                .map(wall -> wall.name + " (" + wall.reason + ")")
                .collect(Collectors.joining(", "));
    }
}
