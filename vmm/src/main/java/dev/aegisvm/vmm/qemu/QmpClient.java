package dev.aegisvm.vmm.qemu;

import module java.base;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with QEMU's monitor over its JSON protocol, one command at a time. It has no time limit of its own:
 * a caller that waits for QEMU kills the process when it takes too long, and that closes the socket.
 */
public final class QmpClient implements Closeable {
    private static final JsonType<Message> MESSAGE = Jsonb.instance().type(Message.class);
    private static final JsonType<Stats> STATS = Jsonb.instance().type(Stats.class);
    /** By default QEMU takes its time, which the guest would stand still for. */
    private static final String UNTHROTTLED =
            "{\"execute\":\"migrate-set-parameters\",\"arguments\":" + "{\"max-bandwidth\":" + (1L << 40) + "}}";

    private static final int LINE_LIMIT = 64 * 1024;
    /** The events that tell a status. */
    private static final Set<String> CHANGES = Set.of("MIGRATION", "JOB_STATUS_CHANGE");

    private static final String COMPLETED = "completed";
    /** The status of a job that is no more. */
    private static final String OVER = "null";

    private static final String MERGE = "merge the disk's files";

    private final SocketChannel socket;
    private final BufferedReader reader;
    /** Of the migration or the job that was begun last. */
    private @Nullable String status;

    private boolean failed;
    private boolean greeted;

    QmpClient(SocketChannel socket) {
        this.socket = socket;
        this.reader =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8));
    }

    /** Memory stays in its own file or has, page by page, its place in the same; and changes of the state are told. */
    private void beginMigration(boolean withMemory) throws IOException {
        begin("{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["
                + "{\"capability\":\"x-ignore-shared\",\"state\":" + !withMemory + "},"
                + "{\"capability\":\"mapped-ram\",\"state\":" + withMemory + "},"
                + "{\"capability\":\"events\",\"state\":true}]}}");
    }

    /**
     * Loads a saved machine and waits until it runs.
     *
     * @param withMemory whether its memory was saved to the same file; else QEMU has mapped it already
     */
    void restore(String file, boolean withMemory) throws IOException {
        beginMigration(withMemory);
        command("{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":" + uri(file) + "}}");
        awaitStatus(COMPLETED, "load the VM from " + file);
        // It was saved stopped, and so it is when loaded.
        resume();
    }

    void stop() throws IOException {
        command("{\"execute\":\"stop\"}");
    }

    void resume() throws IOException {
        command("{\"execute\":\"cont\"}");
    }

    /**
     * Saves the stopped machine to a file.
     *
     * @param withMemory with its memory; else that is in a file of its own already
     */
    void save(String file, boolean withMemory) throws IOException {
        beginMigration(withMemory);
        command(UNTHROTTLED);
        command("{\"execute\":\"migrate\",\"arguments\":{\"uri\":" + uri(file) + "}}");
        awaitStatus(COMPLETED, "save the VM to " + file);
        // It may go on a moment later than the event says, and no other event tells when.
        String status;
        do {
            status = command("{\"execute\":\"query-status\"}");
        } while (status.contains("finish-migrate"));
    }

    /** Puts an overlay over what a device writes to: that does not change any more. */
    void cover(String below, BlockNode overlay) throws IOException {
        command("{\"execute\":\"blockdev-add\",\"arguments\":" + overlay.json() + "}");
        command("{\"execute\":\"blockdev-snapshot\",\"arguments\":{\"node\":\"" + below + "\",\"overlay\":\""
                + overlay.nodeName() + "\"}}");
    }

    /**
     * Copies into a node what those between it and another have, while the guest goes on; then they are not needed any
     * more. No other thread talks to QEMU meanwhile.
     *
     * @param between the upper ones first
     */
    synchronized void merge(String node, String base, List<String> between) throws IOException {
        // The name is written into the file, and never read: what is below is said each time.
        begin("{\"execute\":\"block-stream\",\"arguments\":{\"job-id\":\"merge\",\"device\":\"" + node
                + "\",\"base-node\":\"" + base + "\",\"backing-file\":\"below\"}}");
        awaitStatus(OVER, MERGE);
        for (String each : between) {
            try {
                command("{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"" + each + "\"}}");
            } catch (IOException belongsToAnother) {
                // It went with the node that it was named in.
            }
        }
    }

    /** Copies into a node what those over it have. No other thread talks to QEMU meanwhile. */
    synchronized void apply(String top, String base) throws IOException {
        begin("{\"execute\":\"block-commit\",\"arguments\":{\"job-id\":\"merge\",\"device\":\"" + top
                + "\",\"base-node\":\"" + base + "\"}}");
        awaitStatus("ready", MERGE);
        command("{\"execute\":\"job-complete\",\"arguments\":{\"id\":\"merge\"}}");
        awaitStatus(OVER, MERGE);
    }

    private void begin(String command) throws IOException {
        status = null;
        failed = false;
        command(command);
    }

    /** Waits for a status; no other thread reads meanwhile. QEMU may tell of it before it answers. */
    private synchronized void awaitStatus(String wanted, String what) throws IOException {
        while (!wanted.equals(status) && !OVER.equals(status) && !"failed".equals(status)) {
            next();
        }
        if (failed || !wanted.equals(status)) {
            throw new IOException("QEMU could not " + what);
        }
    }

    /** QEMU needs a file no more that it was passed. */
    void forgetFile(int set) throws IOException {
        command("{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":" + set + "}}");
    }

    /**
     * How often a guest with KVM has used its devices, and pages of its memory for the first time; empty where the
     * host's kernel does not count.
     */
    OptionalLong uses() throws IOException {
        String stats = command("{\"execute\":\"query-stats\",\"arguments\":{\"target\":\"vcpu\",\"providers\":"
                + "[{\"provider\":\"kvm\",\"names\":[\"io_exits\",\"mmio_exits\",\"pf_fixed\"]}]}}");
        List<Stats.Value> values = answer(STATS.list(), stats).stream()
                .flatMap(processor -> processor.stats().stream())
                .toList();
        return values.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(values.stream().mapToLong(Stats.Value::value).sum());
    }

    private static String uri(String file) {
        return Jsonb.instance().toJson("file:" + file);
    }

    /** Leaves the negotiation mode that QMP starts in, and has the command done. */
    private synchronized String command(String json) throws IOException {
        if (!greeted) {
            greeted = true;
            next();
            send("{\"execute\":\"qmp_capabilities\"}");
        }
        return send(json);
    }

    /** What a command returned, as JSON. */
    private String send(String json) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        Message reply = next();
        while (reply.event() != null) {
            reply = next();
        }
        if (reply.error() != null) {
            throw new IOException("QEMU refused a command: "
                    + Objects.requireNonNullElse(reply.error().desc(), "no reason given"));
        }
        return Objects.requireNonNullElse(reply.result(), "");
    }

    private Message next() throws IOException {
        Message message;
        try {
            message = answer(MESSAGE, line());
        } catch (IOException broken) {
            // What was done and what was not is unknown, so nothing more is asked for.
            close();
            throw broken;
        }
        if (message.event() != null && CHANGES.contains(message.event()) && message.data() != null) {
            status = message.data().status();
            failed |= "aborting".equals(status);
        }
        return message;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int next = reader.read();
        while (next >= 0 && next != '\n') {
            if (line.length() == LINE_LIMIT) {
                throw new IOException("QEMU sent a line of more than " + LINE_LIMIT + " characters");
            }
            line.append((char) next);
            next = reader.read();
        }
        if (next < 0) {
            throw new IOException("QEMU closed its monitor connection");
        }
        return line.toString();
    }

    /** Of unchecked JSON: a guest that broke into QEMU may write it. */
    private static <T> T answer(JsonType<T> type, String json) throws IOException {
        try {
            return Objects.requireNonNull(type.fromJson(json));
        } catch (RuntimeException malformed) {
            // The parser has an exception of its own for some faults only.
            throw new IOException("QEMU sent an invalid message: " + malformed.getMessage(), malformed);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /**
     * One line from the monitor: a greeting, an event, or the reply to a command. Only what is used here is read.
     *
     * @param event the event's name, absent in a greeting or reply
     * @param result what the command returned, as JSON
     */
    @Json
    public record Message(
            @Nullable String event,
            @Nullable Data data,
            @Json.Raw @Json.Property("return") @Nullable String result,
            @Nullable Failure error) {
        @Json
        public record Data(@Nullable String status) {}

        @Json
        public record Failure(@Nullable String desc) {}
    }

    /** What a processor of the guest counts. */
    @Json
    public record Stats(List<Value> stats) {
        @Json
        public record Value(long value) {}
    }
}
