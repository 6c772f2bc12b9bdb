package dev.aegisvm.cli.terminal;

import module java.base;
import dev.aegisvm.host.OpenFile;

/** Our stdin, stdout and stderr, and what may be written there. Nothing is held back: every call writes. */
public record Console(
        InputStream in, WritableByteChannel out, WritableByteChannel err, boolean outIsTerminal, boolean colours) {
    public Console {
        out = new Sink(out);
        err = new Sink(err);
    }

    public static Console ofProcess(Map<String, String> environment) {
        boolean terminal = OpenFile.STDOUT.isTerminal();
        boolean dumb = "dumb".equals(environment.get("TERM"));
        return new Console(
                System.in,
                new FileOutputStream(FileDescriptor.out).getChannel(),
                new FileOutputStream(FileDescriptor.err).getChannel(),
                terminal,
                terminal && !dumb && environment.getOrDefault("NO_COLOR", "").isEmpty());
    }

    public static boolean errIsTerminal() {
        return OpenFile.STDERR.isTerminal();
    }

    /** Reads a line without showing it; empty if stdin is no terminal. Fails if stdout is none. */
    public Optional<String> secret(String question) throws IOException {
        if (!OpenFile.STDIN.isTerminal()) {
            return Optional.empty();
        }
        char[] typed = Optional.ofNullable(System.console())
                .filter(java.io.Console::isTerminal)
                .orElseThrow(() -> new IOException("stdout is not a terminal: give the value on stdin"))
                .readPassword("%s", question);
        return Optional.of(typed == null ? "" : new String(typed));
    }

    /** Asks a person who is to type y; empty where stdin is no terminal. */
    public Optional<Boolean> agrees(String question) throws IOException {
        if (!OpenFile.STDIN.isTerminal()) {
            return Optional.empty();
        }
        mutter(question);
        String typed = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        return Optional.of(
                typed != null && Set.of("y", "yes").contains(typed.strip().toLowerCase(Locale.ROOT)));
    }

    /** Writes a text to stdout; throws an {@link OutputException} when it cannot. */
    public void print(String text) throws IOException {
        write(out, text.getBytes(StandardCharsets.UTF_8));
    }

    public void line(String text) throws IOException {
        print(text.concat("\n"));
    }

    public void line(byte[] bytes) throws IOException {
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        write(out, line);
    }

    /** Writes a line of our own to stderr; that stderr is gone stops nothing. */
    public void say(String text) {
        mutter(text.concat("\n"));
    }

    /** Writes to stderr what need not be a line. */
    public void mutter(String text) {
        try {
            write(err, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException closed) {
            return;
        }
    }

    public static void write(WritableByteChannel sink, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            sink.write(buffer);
        }
    }

    /** A channel that tells its own failures from those of other channels. */
    private record Sink(WritableByteChannel channel) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            try {
                return channel.write(bytes);
            } catch (IOException failure) {
                throw new OutputException(failure);
            }
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Our stdout or stderr does not take what we write. */
    public static final class OutputException extends IOException {
        OutputException(IOException cause) {
            super("cannot write the output: " + cause.getMessage(), cause);
        }

        /** The program that read it has ended ({@code | head}), which is no failure. */
        public boolean readerLeft() {
            Throwable cause = getCause();
            return cause != null && String.valueOf(cause.getMessage()).contains("Broken pipe");
        }
    }
}
