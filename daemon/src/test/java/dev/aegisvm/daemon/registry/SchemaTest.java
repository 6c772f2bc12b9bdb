package dev.aegisvm.daemon.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.idle.IdlePolicy.AskedTimeouts;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.*;
import dev.aegisvm.daemon.instance.Mounts.*;
import dev.aegisvm.daemon.registry.Database.Schema;
import dev.aegisvm.gateway.intercept.BoundSecret;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.host.ProcessIdentity;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Registries of every version there has been, as {@code registry/<version>.sql} makes them, and of those that may come. */
class SchemaTest {
    private static final InstanceRecord STOPPED = InstanceRecordBuilder.builder()
            .spec(InstanceSpec.of("inst-00000000000a", new Size(1024, 2, 64))
                    .handle(Optional.of("box"))
                    .environment(Environment.NONE
                            .withCommand(List.of("sh", "-c", "echo \"a b\""))
                            .withEnv(Map.of("A", "1=2")))
                    .createdAt(Instant.ofEpochMilli(1_700_000_000_001L))
                    .build())
            .lastActiveAt(Instant.ofEpochMilli(1_700_000_000_002L))
            .stoppedAt(Optional.of(Instant.ofEpochMilli(1_700_000_000_003L)))
            .exitCode(Optional.of(7))
            .stopReason(Optional.of("process exited (code=7)"))
            .build();
    private static final InstanceRecord RUNNING = InstanceRecordBuilder.builder()
            .spec(InstanceSpec.of("inst-00000000000b", new Size(512, 1, 8192))
                    .environment(Environment.NONE.withCommand(List.of("top")))
                    .life(new Life.OfClient(Optional.of(new TerminalSize(24, 80)), Optional.empty()))
                    .createdAt(Instant.ofEpochMilli(1_700_000_000_004L))
                    .build())
            .enabled(true)
            .lastActiveAt(Instant.ofEpochMilli(1_700_000_000_005L))
            .vm(Optional.of(new ProcessIdentity(4711, 123_456, "a-boot")))
            .build();

    private static final InstanceRecord WITH_WORKSPACE = InstanceRecord.created(InstanceSpec.of(
                    "inst-00000000000c", new Size(512, 1, 8192))
            .environment(Environment.NONE.withCommand(List.of("true")))
            .mounts(new Mounts(Optional.of(new Workspace("/home/me/notes:ro", Workspace.Access.SHARED)), List.of()))
            .createdAt(Instant.ofEpochMilli(1_700_000_000_006L))
            .build());

    /** One in which nothing is absent, so that every column is written and read. */
    private static final InstanceRecord WHOLE = InstanceRecordBuilder.builder(STOPPED)
            .spec(STOPPED.spec()
                    .with()
                    .image(Optional.of(
                            new ImageUse("app", "docker.io/app:1", "sha256:1", Map.of("A", "b"), "/srv", "7")))
                    .secrets(new InstanceSecrets(
                            List.of("KEY"),
                            List.of(BoundSecret.parse(
                                    "TOKEN@api.test,b.test:8443", List.of("aegis-secret-2", "aegis-secret-1")))))
                    .exposes(List.of(ExposedPort.of("8080:80/http"), ExposedPort.of("20001:9/tcp")))
                    .network(new Egress(
                            Mode.PUBLIC,
                            Rule.parse(List.of("api.example.com:443", "@npm")),
                            Rule.parse(List.of("10.0.0.0/8")),
                            Optional.of(1L << 20)))
                    .mounts(new Mounts(
                            Optional.of(new Workspace("notes", Workspace.Access.READ_ONLY)),
                            List.of(Volume.parse("data:/data:ro"))))
                    .environment(new Environment(
                            List.of("sh", "-c", "echo \"a b\""),
                            Map.of("A", "1=2"),
                            Optional.of("/srv"),
                            Optional.of("7:8"),
                            Optional.of(Duration.ofMillis(30_050)),
                            true))
                    .life(new Life.OfClient(
                            Optional.of(new TerminalSize(24, 80)),
                            Optional.of(Instant.ofEpochMilli(1_700_000_000_007L))))
                    .labels(Map.of("team", "a=b"))
                    .idle(new AskedTimeouts(
                            Optional.of(IdleTimeout.parse("idle_pause", "90s")),
                            Optional.of(IdleTimeout.parse("idle_stop", "never"))))
                    .build())
            .enabled(true)
            .vm(RUNNING.vm())
            .build();

    @TempDir
    Path directory;

    static IntStream versions() {
        return IntStream.rangeClosed(1, Schema.current().version());
    }

    private Path file() {
        return directory.resolve("aegis.db");
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file());
    }

    /** A registry as a program of that version left it. */
    private void write(int version) throws SQLException, IOException {
        try (InputStream sql = SchemaTest.class.getResourceAsStream("/registry/" + version + ".sql")) {
            assertThat(sql)
                    .as("a new version needs registry/" + version + ".sql: its tables, and the rows of the other files")
                    .isNotNull();
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate(new String(sql.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sql FROM sqlite_schema WHERE sql <> '' ORDER BY name")) {
            while (row.next()) {
                tables.add(row.getString(1).replaceAll("\\s+", " "));
            }
        }
        return tables;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyVersionBecomesTheNewestWithAllItsRows(int version) throws Exception {
        write(version);
        try (Database database = Database.open(file(), directory)) {
            InstanceRows rows = new InstanceRows(database);
            assertThat(rows.all()).containsExactly(STOPPED, RUNNING);
            assertThat(rows.ids()).containsExactlyInAnyOrder(STOPPED.id(), RUNNING.id());
            rows.update(STOPPED.withEnabled(true));
            rows.delete(RUNNING.id());
            assertThat(rows.all()).containsExactly(STOPPED.withEnabled(true));
            rows.insert(RUNNING).join();
            rows.insert(WITH_WORKSPACE).join();
        }
        try (Database again = Database.open(file(), directory)) {
            assertThat(new InstanceRows(again).all())
                    .containsExactly(STOPPED.withEnabled(true), RUNNING, WITH_WORKSPACE);
        }
        List<String> migrated = read(SchemaTest::tables);
        Files.delete(file());
        try (Connection fresh = connect()) {
            Schema.current().migrate(fresh);
            assertThat(migrated).isEqualTo(tables(fresh));
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private <T> T read(Reading<T> reading) throws SQLException {
        try (Connection connection = connect()) {
            return reading.from(connection);
        }
    }

    @Test
    void everyColumnIsKept() throws Exception {
        try (Database database = Database.open(file(), directory)) {
            new InstanceRows(database).insert(WHOLE).join();
        }
        try (Database again = Database.open(file(), directory)) {
            InstanceRows rows = new InstanceRows(again);
            assertThat(rows.all()).containsExactly(WHOLE);
            rows.noteVm(WHOLE.id(), new ProcessIdentity(1, 2, "b")).join();
            assertThat(rows.all()).containsExactly(WHOLE.withVm(Optional.of(new ProcessIdentity(1, 2, "b"))));
        }
    }

    /** The last version that had them. */
    @Test
    void everyColumnBecomesAPartOfTheDocument() throws Exception {
        write(10);
        String columns = """
                'inst-00000000000a', 'box', '["sh","-c","echo \\"a b\\""]', '{"A":"1=2"}', 1024, 2, 64, 1, 24, 80,
                1700000000001, 1, 1700000000002, 1700000000003, 7, 'process exited (code=7)', 4711, 123456, 'a-boot',
                '["KEY"]', '["8080:80/http","20001:9/tcp"]', '90s', 'never', 'notes:ro',
                '{"ref":"app","name":"docker.io/app:1","digest":"sha256:1","env":{"A":"b"},"workdir":"/srv","user":"7"}',
                '["data:/data:ro"]', '/srv', '7:8', 30050, 1, 1700000000007, '{"team":"a=b"}', 'public',
                '["api.example.com:443","@npm"]', '["10.0.0.0/8"]', 1048576, 1,
                '{"TOKEN@api.test,b.test:8443":"aegis-secret-2 aegis-secret-1"}'""";
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "DELETE FROM instance; INSERT INTO instance VALUES (" + columns + "); INSERT INTO snapshot VALUES ("
                            + columns + ", 'snap-1', 'then', 'a \"note\"', 1, 0, 1700000000008)");
        }
        try (Database database = Database.open(file(), directory)) {
            assertThat(new InstanceRows(database).all()).containsExactly(WHOLE);
            SnapshotRecord snapshot = new SnapshotRecord(
                    "snap-1",
                    "then",
                    Optional.of("a \"note\""),
                    Instant.ofEpochMilli(1_700_000_000_008L),
                    Optional.of("qemu"),
                    false,
                    WHOLE.spec());
            SnapshotRows snapshots = new SnapshotRows(database);
            assertThat(snapshots.all()).containsExactly(snapshot);
            snapshots.delete("snap-1");
            snapshots.insert(snapshot);
            assertThat(snapshots.all()).containsExactly(snapshot);
        }
    }

    @Test
    void aColumnThatMakesNoSenseCostsItsOwnRow() throws Exception {
        write(10);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE instance SET command = '[oops' WHERE handle = 'box'");
            statement.executeUpdate("UPDATE instance SET ephemeral = 0, auto_remove = 1 WHERE handle IS NULL");
        }
        try (Database database = Database.open(file(), directory)) {
            InstanceRows rows = new InstanceRows(database);
            assertThat(rows.all())
                    .extracting(record -> record.spec().life())
                    .containsExactly(new Life.UntilMainEnds(Optional.empty()));
            assertThat(rows.ids()).contains(STOPPED.id());
        }
    }

    @Test
    void theImageOfAnInstanceIsKept() throws Exception {
        ImageUse image = new ImageUse(
                "app", "docker.io/library/app:latest", "sha256:" + "a".repeat(64), Map.of("A", "b\"c"), "/srv", "7:8");
        InstanceSpec spec = RUNNING.spec().withImage(Optional.of(image));
        try (Database database = Database.open(file(), directory)) {
            new InstanceRows(database).insert(InstanceRecord.created(spec)).join();
        }
        try (Database again = Database.open(file(), directory)) {
            assertThat(new InstanceRows(again).all())
                    .extracting(InstanceRecord::spec)
                    .containsExactly(spec);
        }
    }

    @Test
    void aNewerOneIsRefusedAndLeftAsItIs() throws Exception {
        write(Schema.current().version());
        int newer = Schema.current().version() + 1;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA journal_mode = WAL; PRAGMA user_version = " + newer);
        }
        byte[] before = Files.readAllBytes(file());
        assertThatThrownBy(() -> Database.open(file(), directory))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining("a newer AegisVM wrote it (schema " + newer + ", this one knows ")
                .hasMessageContaining("AEGIS_HOME");
        assertThat(file()).hasBinaryContent(before);
    }

    @Test
    void aStepThatFailsChangesNothing() throws SQLException {
        Schema first = new Schema(List.of("CREATE TABLE a (x); CREATE TABLE b (x);"));
        Schema broken = new Schema(List.of(first.steps().getFirst(), "CREATE TABLE c (x); ALTER TABLE nobody ADD y;"));
        Schema mended = new Schema(List.of(first.steps().getFirst(), "CREATE TABLE c (x); ALTER TABLE b ADD y;"));
        try (Connection connection = connect()) {
            first.migrate(connection);
            assertThat(tables(connection)).containsExactly("CREATE TABLE a (x)", "CREATE TABLE b (x)");
            assertThatThrownBy(() -> broken.migrate(connection)).hasMessageContaining("nobody");
            assertThat(Schema.versionOf(connection)).isEqualTo(1);
            assertThat(tables(connection)).containsExactly("CREATE TABLE a (x)", "CREATE TABLE b (x)");
            mended.migrate(connection);
            assertThat(Schema.versionOf(connection)).isEqualTo(2);
            assertThat(tables(connection))
                    .containsExactly("CREATE TABLE a (x)", "CREATE TABLE b (x, y)", "CREATE TABLE c (x)");
        }
    }

    @Test
    void everyCommitReachesTheDisk() throws Exception {
        try (Database database = Database.open(file(), directory)) {
            String journal = database.call("ask", connection -> pragma(connection, "journal_mode"));
            String synchronous = database.call("ask", connection -> pragma(connection, "synchronous"));
            assertThat(journal).isEqualTo("wal");
            // 2 is FULL: the write-ahead log is synced by each commit.
            assertThat(synchronous).isEqualTo("2");
        }
    }

    private static String pragma(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA " + name)) {
            return row.getString(1);
        }
    }

    @Test
    void aRowThatMakesNoSenseCostsNoOther() throws Exception {
        write(Schema.current().version());
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE instance SET document = '[oops' WHERE id = 'inst-00000000000a'");
        }
        try (Database database = Database.open(file(), directory)) {
            InstanceRows rows = new InstanceRows(database);
            assertThat(rows.all()).containsExactly(RUNNING);
            assertThat(rows.ids()).contains(STOPPED.id());
        }
    }
}
