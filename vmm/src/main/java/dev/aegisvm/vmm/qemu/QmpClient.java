package dev.aegisvm.vmm.qemu;

import module java.base;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with QEMU's monitor over its JSON protocol, one command at a time. It has no time limit of its own:
 * whoever waits for QEMU kills the process when it takes too long, and that closes the socket.
 */
public final class QmpClient implements AutoCloseable {
    private static final JsonType<Message> MESSAGE = Jsonb.instance().type(Message.class);
    private static final JsonType<Stats> STATS = Jsonb.instance().type(Stats.class);
    /** Memory stays in its own file, and changes of the migration's state are told. */
    private static final String CAPABILITIES = "{\"execute\":\"migrate-set-capabilities\",\"arguments\":"
            + "{\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":true},"
            + "{\"capability\":\"events\",\"state\":true}]}}";

    private static final int LINE_LIMIT = 64 * 1024;

    private final SocketChannel socket;
    private final BufferedReader reader;
    private @Nullable String migration;
    private boolean greeted;

    QmpClient(SocketChannel socket) {
        this.socket = socket;
        this.reader =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8));
    }

    /** Loads a saved machine, whose memory QEMU has mapped already, and waits until it runs. */
    void restoreState(String file) throws IOException {
        command(CAPABILITIES);
        command("{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":" + uri(file) + "}}");
        awaitMigration("load the machine from " + file);
        // It was saved stopped, and so it is when loaded.
        resume();
    }

    void stop() throws IOException {
        command("{\"execute\":\"stop\"}");
    }

    void resume() throws IOException {
        command("{\"execute\":\"cont\"}");
    }

    /** Saves the state of the stopped machine's devices to a file; its memory is in a file of its own already. */
    void saveState(String file) throws IOException {
        command(CAPABILITIES);
        command("{\"execute\":\"migrate\",\"arguments\":{\"uri\":" + uri(file) + "}}");
        awaitMigration("save the machine to " + file);
        awaitFinished();
    }

    /** A machine that was saved may go on a moment later than the event says, and no other event tells when. */
    private void awaitFinished() throws IOException {
        String status;
        do {
            status = command("{\"execute\":\"query-status\"}");
        } while (status.contains("finish-migrate"));
    }

    /**
     * Puts another file behind a block device that the guest does not use now, and closes the file that was there.
     */
    void exchange(String device, String before, BlockNode node) throws IOException {
        command("{\"execute\":\"blockdev-add\",\"arguments\":" + node.json() + "}");
        command("{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/machine/peripheral/" + device
                + "\",\"property\":\"drive\",\"value\":\"" + node.nodeName() + "\"}}");
        command("{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"" + before + "\"}}");
    }

    /**
     * How often a guest has left its processors for KVM so far, but for the host's own interrupts; empty where the host's
     * kernel does not count.
     */
    OptionalLong exits() throws IOException {
        String stats = command("{\"execute\":\"query-stats\",\"arguments\":{\"target\":\"vcpu\",\"providers\":"
                + "[{\"provider\":\"kvm\",\"names\":[\"exits\",\"irq_exits\"]}]}}");
        List<Stats.Value> values = answer(STATS.list(), stats).stream()
                .flatMap(processor -> processor.stats().stream())
                .toList();
        return values.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        values.stream().mapToLong(Stats.Value::counted).sum());
    }

    /** Waits for the end of a migration, and lets nobody else read meanwhile; QEMU may tell of it before it answers the command. */
    private synchronized void awaitMigration(String what) throws IOException {
        while (!"completed".equals(migration)) {
            if ("failed".equals(migration)) {
                throw new IOException("QEMU could not " + what);
            }
            next();
        }
        migration = null;
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
        Message message = answer(MESSAGE, line());
        if ("MIGRATION".equals(message.event()) && message.data() != null) {
            migration = message.data().status();
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
            throw new IOException("QEMU closed its monitor");
        }
        return line.toString();
    }

    /** Of JSON that nobody has checked: whoever broke into QEMU writes it. */
    private static <T> T answer(JsonType<T> type, String json) throws IOException {
        try {
            return Objects.requireNonNull(type.fromJson(json));
        } catch (RuntimeException malformed) {
            // The parser has an exception of its own for some faults only.
            throw new IOException("QEMU sent what is no message: " + malformed.getMessage(), malformed);
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
        public record Value(String name, long value) {
            /** An interrupt of the host is no doing of the guest's. */
            long counted() {
                return name.equals("irq_exits") ? -value : value;
            }
        }
    }
}
