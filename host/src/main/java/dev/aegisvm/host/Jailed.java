package dev.aegisvm.host;

import module java.base;

/** A program in a jail, and the launcher beside it, which ends with it. */
public final class Jailed {
    static final String ERROR = "error ";

    /** What a program may do with a file that it is given. */
    public enum Access {
        READ("ro"),
        WRITE("wo"),
        READ_WRITE("rw");

        private final String word;

        Access(String word) {
            this.word = word;
        }
    }

    private final Process launcher;
    private final BufferedReader said;
    private final ProcessIdentity identity;
    private final List<Wall> missing;

    private Jailed(Process launcher, BufferedReader said, ProcessIdentity identity, List<Wall> missing) {
        this.launcher = launcher;
        this.said = said;
        this.identity = identity;
        this.missing = List.copyOf(missing);
    }

    /** Waits until the launcher has built the jail and is about to run the program. */
    static Jailed of(Process launcher, List<Wall> expected) throws IOException {
        BufferedReader said = launcher.inputReader(StandardCharsets.UTF_8);
        List<Wall> missing = new ArrayList<>();
        try {
            long pid = 0;
            String line = said.readLine();
            for (; line != null && !line.equals("started"); line = said.readLine()) {
                if (line.startsWith("pid ")) {
                    pid = Long.parseLong(line.substring("pid ".length()));
                } else if (Wall.isSaidBy(line)) {
                    missing.add(Wall.parse(line));
                } else {
                    throw new IOException(line.startsWith(ERROR) ? line.substring(ERROR.length()) : line);
                }
            }
            missing.removeIf(wall -> wall.stands() || expected.contains(wall));
            // One that has ended already matches no process.
            ProcessIdentity identity = ProcessIdentity.held(pid).orElse(new ProcessIdentity(pid, 0, ""));
            return new Jailed(launcher, said, identity, missing);
        } catch (IOException e) {
            launcher.destroyForcibly();
            throw e;
        }
    }

    public ProcessIdentity identity() {
        return identity;
    }

    /** Walls that can be had on this host but not around this program. */
    public List<Wall> missing() {
        return missing;
    }

    /** What the program prints on both streams. */
    public InputStream output() {
        return launcher.getErrorStream();
    }

    /** What it reads, if its cell says so. */
    public OutputStream input() {
        return launcher.getOutputStream();
    }

    /** Completes with the program's status, 128 and more if a signal ended it. */
    public CompletableFuture<Integer> exit() {
        return launcher.onExit().thenApply(Process::exitValue);
    }

    /** Sends a line to the program, over the socket that its cell gave it. */
    public void send(String line) throws IOException {
        command("send " + line);
    }

    /**
     * Sends a line and with it a file, open.
     *
     * @throws IOException if it is no regular file, or the program did not take it
     */
    public void send(String line, Access access, Path file) throws IOException {
        command("open " + access.word + " " + file);
        command("send " + line);
    }

    /** The next line that the program sends, of which a kilobyte counts. */
    public String hear() throws IOException {
        return command("hear").substring("heard ".length());
    }

    private String command(String line) throws IOException {
        if (line.indexOf('\n') >= 0) {
            throw new IOException("a line break is not supported: " + line);
        }
        var commands = launcher.outputWriter(StandardCharsets.UTF_8);
        commands.write(line + "\n");
        commands.flush();
        String answer = said.readLine();
        if (answer == null || answer.startsWith(ERROR)) {
            throw new IOException(answer == null ? "the program has exited" : answer.substring(ERROR.length()));
        }
        return answer;
    }

    /** Ends the program and its launcher. */
    public void kill() {
        if (!identity.kill(Posix.SIGKILL)) {
            launcher.destroyForcibly();
        }
    }
}
