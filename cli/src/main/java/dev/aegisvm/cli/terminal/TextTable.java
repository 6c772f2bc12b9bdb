package dev.aegisvm.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Rows in columns that are as wide as they need to be. */
public final class TextTable {
    /** What a cell looks like on a terminal that shows colours. */
    public enum Colour {
        PLAIN(""),
        GREEN("\u001b[32m"),
        YELLOW("\u001b[33m"),
        RED("\u001b[31m"),
        GREY("\u001b[90m");

        private final String code;

        Colour(String code) {
            this.code = code;
        }

        public String paint(String text) {
            return this == PLAIN ? text : code + text + "\u001b[0m";
        }
    }

    private static final int GAP = 2;

    private final List<String[]> rows = new ArrayList<>();
    private final List<Colour[]> colours = new ArrayList<>();

    public TextTable(String... heads) {
        row(heads);
    }

    /** Adds a row; control characters in its cells are shown as escapes. */
    public void row(String... cells) {
        String[] safe = new String[cells.length];
        Colour[] plain = new Colour[cells.length];
        for (int column = 0; column < cells.length; column++) {
            safe[column] = Printable.of(cells[column]);
            plain[column] = Colour.PLAIN;
        }
        rows.add(safe);
        colours.add(plain);
    }

    /** Gives a cell of the last row a colour. */
    public void colour(int column, Colour colour) {
        colours.getLast()[column] = colour;
    }

    public String text(boolean coloured) {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        StringBuilder text = new StringBuilder(80 * rows.size());
        for (int at = 0; at < rows.size(); at++) {
            String[] row = rows.get(at);
            for (int column = 0; column < row.length; column++) {
                text.append(coloured ? colours.get(at)[column].paint(row[column]) : row[column]);
                boolean last = column == row.length - 1;
                text.repeat(' ', last ? 0 : widths[column] - row[column].length() + GAP);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
