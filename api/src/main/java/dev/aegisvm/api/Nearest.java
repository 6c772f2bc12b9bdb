package dev.aegisvm.api;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Finds which known word a mistyped one probably is. */
public final class Nearest {
    private Nearest() {}

    /** The word among some that is fewest typing mistakes away, or null when none is near. */
    public static @Nullable String to(String typed, List<String> words) {
        int most = Math.max(2, typed.length() / 3);
        ToIntFunction<String> mistakes = word -> !typed.isEmpty() && word.startsWith(typed) ? 0 : distance(typed, word);
        return words.stream()
                .filter(word -> mistakes.applyAsInt(word) <= most)
                .min(Comparator.comparingInt(mistakes))
                .orElse(null);
    }

    /** Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
    public static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, from, to, i, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int step(int[][] cost, String from, String to, int i, int j) {
        int replace = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int best = Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + replace);
        boolean swapped =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
