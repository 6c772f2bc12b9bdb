package dev.aegisvm.vmm.fake;

import module java.base;

/** A process of the scripted guest. */
final class ScriptedProcess {
    /** What a process waits for: input, a signal (its number), or the end of its world. */
    private sealed interface Happening {
        record Input(ByteBuffer bytes) implements Happening {}

        record Signal(int number) implements Happening {}

        record Vanished() implements Happening {}
    }

    /** The id of what serves a connection: nobody is told of its end. */
    static final String NO_PROCESS = "";

    private final ScriptedGuest guest;
    private final String execId;
    private final List<String> command;
    private final Map<String, String> env;
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
    private final int session;
    private long stdout;
    private long stderr;

    ScriptedProcess(ScriptedGuest guest, String execId, List<String> command, Map<String, String> env) {
        this.guest = guest;
        this.session = guest.wire().session();
        this.execId = execId;
        this.command = command;
        this.env = env;
    }

    boolean reads() {
        return !command.getFirst().equals("deaf");
    }

    void streams(long out, long err) {
        stdout = out;
        stderr = err;
    }

    void start() {
        Thread.ofVirtual().name("process-" + execId).start(() -> {
            try {
                end(run());
            } catch (IOException | InterruptedException gone) {
                // The VM ended, and this with it.
            }
        });
    }

    void stdin(byte[] bytes) {
        happenings.add(new Happening.Input(ByteBuffer.wrap(bytes)));
    }

    void signal(int number) {
        happenings.add(new Happening.Signal(number));
    }

    void vanish() {
        happenings.add(new Happening.Vanished());
    }

    /** Runs the program; returns how it ended, as members of the notification. */
    private String run() throws IOException, InterruptedException {
        return switch (command.getFirst()) {
            case "print" -> {
                print(stdout, command.get(1));
                for (String line : command.subList(2, command.size())) {
                    print(stderr, line);
                }
                yield "\"code\":0";
            }
            case "env" -> {
                print(stdout, env.getOrDefault(command.get(1), "unset"));
                yield "\"code\":0";
            }
            case "greet" -> {
                print(stdout, command.get(1));
                yield waitForTheEnd();
            }
            case "exit" -> "\"code\":" + command.get(1);
            case "oom" -> "\"signal\":9,\"oom\":true";
            case "flood" -> {
                byte[] line = "x".repeat(99).concat("\n").getBytes(StandardCharsets.US_ASCII);
                for (long left = Long.parseLong(command.get(1)); left > 0; left -= line.length) {
                    guest.wire().output(session, stdout, line);
                }
                yield "\"code\":0";
            }
            default -> waitForTheEnd();
        };
    }

    /** {@code cat} and {@code sleep}. */
    private String waitForTheEnd() throws IOException, InterruptedException {
        boolean echoes = command.getFirst().equals("cat");
        while (true) {
            switch (happenings.take()) {
                case Happening.Signal(int number) -> {
                    return "\"signal\":" + number;
                }
                case Happening.Vanished _ -> throw new IOException("gone");
                case Happening.Input(ByteBuffer bytes) -> {
                    if (echoes && !bytes.hasRemaining()) {
                        return "\"code\":0";
                    }
                    if (echoes) {
                        byte[] echo = new byte[bytes.remaining()];
                        bytes.get(echo);
                        guest.wire().output(session, stdout, echo);
                    }
                }
            }
        }
    }

    private void print(long stream, String line) throws IOException {
        guest.wire().output(session, stream, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void end(String how) throws IOException {
        if (!execId.equals(NO_PROCESS)) {
            guest.exited(execId, how);
        }
        guest.wire().end(session, stdout);
        guest.wire().end(session, stderr);
    }
}
