package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who speaks with QEMU's monitor, and who hears what it says; the test speaks in QEMU's place. */
class QmpClientTest {
    /** What a save says. */
    private static final List<String> COMMANDS =
            List.of("qmp_capabilities", "migrate-set-capabilities", "migrate-set-parameters", "migrate");

    @TempDir
    Path directory;

    @Test
    void whoComesLateDoesNotTakeTheEndOfAMigrationFromWhoWaitsForIt() throws Exception {
        Path socket = directory.resolve("s");
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(socket));
            SocketChannel ours = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            try (SocketChannel theirs = door.accept();
                    QmpClient client = new QmpClient(ours);
                    BufferedReader commands = new BufferedReader(Channels.newReader(theirs, StandardCharsets.UTF_8))) {
                say(theirs, "{\"QMP\":{}}");
                FutureTask<String> saved = new FutureTask<>(() -> saved(client));
                Thread saving = Thread.ofPlatform().start(saved);
                for (String command : COMMANDS) {
                    answer(commands, theirs, command, "{}");
                }
                await().until(() -> isIn(saving, "awaitStatus"));
                FutureTask<OptionalLong> asked = new FutureTask<>(client::uses);
                Thread asking = Thread.ofPlatform().start(asked);
                await().until(() -> asking.getState() == Thread.State.BLOCKED || isIn(asking, "send"));
                assertThat(isIn(asking, "send"))
                        .as("speaks while another listens")
                        .isFalse();
                say(theirs, "{\"event\":\"MIGRATION\",\"data\":{\"status\":\"completed\"}}");
                Map<String, String> answers =
                        Map.of("query-status", "{\"status\":\"postmigrate\"}", "query-stats", "[]");
                for (int count = 0; count < answers.size(); count++) {
                    String command = commands.readLine();
                    String name = answers.keySet().stream()
                            .filter(command::contains)
                            .findFirst()
                            .orElseThrow();
                    say(theirs, "{\"return\":" + answers.get(name) + "}");
                }
                assertThat(saved.get()).isEqualTo("saved");
                assertThat(asked.get()).isEmpty();
            }
        }
    }

    @Test
    void usesOfDevicesAndPagesAreCountedOverAllProcessors() throws Exception {
        Path socket = directory.resolve("counts");
        try (ServerSocketChannel door =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
                SocketChannel ours = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                SocketChannel theirs = door.accept();
                QmpClient client = new QmpClient(ours)) {
            say(theirs, "{\"QMP\":{}}");
            say(theirs, "{\"return\":{}}");
            // As QEMU 10 answers.
            String processor = "{\"provider\":\"kvm\",\"qom-path\":\"/machine/unattached/device[0]\",\"stats\":["
                    + "{\"name\":\"mmio_exits\",\"value\":20},{\"name\":\"io_exits\",\"value\":3},"
                    + "{\"name\":\"pf_fixed\",\"value\":100}]}";
            say(theirs, "{\"return\":[" + processor + "," + processor + "]}");
            assertThat(client.uses()).hasValue(246);
        }
    }

    private static String saved(QmpClient client) throws IOException {
        client.save("/state", false);
        return "saved";
    }

    private static boolean isIn(Thread thread, String method) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    private static void answer(BufferedReader commands, SocketChannel to, String command, String result)
            throws IOException {
        assertThat(commands.readLine()).contains("\"" + command + "\"");
        say(to, "{\"return\":" + result + "}");
    }

    private static void say(SocketChannel to, String line) throws IOException {
        to.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}
