package dev.aegisvm.daemon.guest;

/**
 * The size of a terminal.
 *
 * @param rows 1..65535
 * @param cols 1..65535
 */
public record TerminalSize(int rows, int cols) {
    private static final int MOST = 0xFFFF;

    public TerminalSize {
        if (rows < 1 || rows > MOST || cols < 1 || cols > MOST) {
            throw new IllegalArgumentException("terminal size " + rows + "x" + cols + " is not within 1..65535");
        }
    }
}
