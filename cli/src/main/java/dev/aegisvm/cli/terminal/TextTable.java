package dev.aegisvm.cli.terminal;

import module java.base;

/** Rows in columns that are as wide as they need to be. */
public final class TextTable {
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

    private record Cell(String text, Colour colour) {}

    private final List<Cell[]> rows = new ArrayList<>();

    public TextTable(String... heads) {
        row(heads);
    }

    /** Adds a row; control characters in its cells are shown as escapes. Gives this. */
    public TextTable row(String... cells) {
        Cell[] row = new Cell[cells.length];
        Arrays.setAll(row, column -> new Cell(Printable.of(cells[column]), Colour.PLAIN));
        rows.add(row);
        return this;
    }

    public void colour(int column, Colour colour) {
        Cell[] row = rows.getLast();
        row[column] = new Cell(row[column].text(), colour);
    }

    public String text(boolean coloured) {
        int[] widths = new int[rows.getFirst().length];
        for (Cell[] row : rows) {
            Arrays.setAll(
                    widths,
                    column -> Math.max(widths[column], row[column].text().length()));
        }
        StringBuilder text = new StringBuilder(80 * rows.size());
        for (Cell[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                Cell cell = row[column];
                text.append(coloured ? cell.colour().paint(cell.text()) : cell.text());
                boolean last = column == row.length - 1;
                text.repeat(' ', last ? 0 : widths[column] - cell.text().length() + GAP);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
