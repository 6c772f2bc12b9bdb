package dev.aegisvm.host;

import module java.base;

/**
 * An open file of this process, by its number.
 *
 * @param number such as 0 for stdin
 */
public record OpenFile(int number) {
    public static final OpenFile STDIN = new OpenFile(0);
    public static final OpenFile STDOUT = new OpenFile(1);
    public static final OpenFile STDERR = new OpenFile(2);

    public Path path() {
        return Path.of("/proc/self/fd/" + number);
    }

    public boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(path()).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException noProc) {
            return false;
        }
    }

    public boolean is(Path file) throws IOException {
        return Files.exists(file) && Files.exists(path()) && Files.isSameFile(path(), file);
    }
}
