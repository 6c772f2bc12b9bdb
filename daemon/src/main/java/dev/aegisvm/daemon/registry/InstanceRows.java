package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.idle.IdleSettings.AskedTimeouts;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.*;
import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The table of instances. {@link #spec}, {@link #state}, {@link #readSpec} and {@link #read} alone know its columns. */
public final class InstanceRows implements InstanceStore {
    private static final System.Logger LOG = System.getLogger(InstanceRows.class.getName());

    private final Database database;
    private final JsonType<List<String>> texts;
    private final JsonType<Map<String, String>> textsByName;
    private final JsonType<ImageUse> image;

    public InstanceRows(Database database) {
        this.database = database;
        JsonType<String> text = ApiJson.own().type(String.class);
        this.texts = text.list();
        this.textsByName = text.map();
        this.image = ApiJson.own().type(ImageUse.class);
    }

    /** Columns with what is to be in them. */
    static final class Columns {
        private final List<String> names = new ArrayList<>();
        private final List<@Nullable Object> values = new ArrayList<>();

        Columns add(String name, @Nullable Object value) {
            names.add(name);
            values.add(value);
            return this;
        }

        Columns add(String name, Optional<?> value) {
            return add(name, value.isPresent() ? value.get() : null);
        }

        Columns and(Columns more) {
            names.addAll(more.names);
            values.addAll(more.values);
            return this;
        }

        int insert(Connection connection, String table) throws SQLException {
            return Database.execute(
                    connection,
                    "INSERT INTO " + table + " (" + String.join(",", names) + ") VALUES ("
                            + String.join(",", Collections.nCopies(names.size(), "?")) + ")",
                    values);
        }

        int update(Connection connection, String id) throws SQLException {
            String sql = "UPDATE instance SET " + String.join("=?,", names) + "=? WHERE id=?";
            values.add(id);
            return Database.execute(connection, sql, values);
        }
    }

    /** What an instance is. */
    Columns spec(InstanceSpec spec) {
        return new Columns()
                .add("id", spec.id())
                .add("handle", spec.handle())
                .add("image", spec.image().map(image::toJson))
                .add("command", texts.toJson(spec.command()))
                .add("env", textsByName.toJson(spec.env()))
                .add("secrets", texts.toJson(spec.secrets().given()))
                .add("bound_secrets", textsByName.toJson(spec.secrets().placeholders()))
                .add("memory_mb", spec.memoryMb())
                .add("vcpus", spec.vcpus())
                .add("disk_mb", spec.diskMb())
                .add("exposes", texts(spec.exposes(), ExposedPort::text))
                .add("network", spec.network().word())
                .add("allow", texts.toJson(spec.network().allowed()))
                .add("deny", texts.toJson(spec.network().denied()))
                .add("network_rate", spec.network().rate())
                .add("trust_host_cas", number(spec.trustHostCas()))
                .add("workspace", spec.workspace().map(Workspace::text))
                .add("volumes", texts(spec.volumes(), Volume::text))
                .add("cwd", spec.main().cwd())
                .add("user", spec.main().user())
                .add("timeout_ms", spec.main().timeout().map(Duration::toMillis))
                .add("ephemeral", number(spec.hasClient()))
                .add("auto_remove", number(spec.life() instanceof Life.UntilMainEnds))
                .add("expires_at", spec.life().end().map(Instant::toEpochMilli))
                .add("labels", textsByName.toJson(spec.labels()))
                .add("idle_pause", spec.idle().pause().map(IdleTimeout::text))
                .add("idle_stop", spec.idle().stop().map(IdleTimeout::text))
                .add("tty_rows", spec.tty().map(TerminalSize::rows))
                .add("tty_cols", spec.tty().map(TerminalSize::cols))
                .add("created_at", spec.createdAt().toEpochMilli());
    }

    private <T> String texts(List<T> values, Function<T, String> text) {
        return texts.toJson(values.stream().map(text).toList());
    }

    /** What becomes of it. */
    private static Columns state(InstanceRecord record) {
        return new Columns()
                .add("enabled", number(record.enabled()))
                .add("last_active_at", record.lastActiveAt().toEpochMilli())
                .add("stopped_at", record.stoppedAt().map(Instant::toEpochMilli))
                .add("exit_code", record.exitCode())
                .add("stop_reason", record.stopReason())
                .and(vm(record.vm()));
    }

    private static Columns vm(Optional<ProcessIdentity> process) {
        return new Columns()
                .add("vm_pid", process.map(ProcessIdentity::pid))
                .add("vm_start_ticks", process.map(ProcessIdentity::startTicks))
                .add("vm_boot_id", process.map(ProcessIdentity::bootId));
    }

    InstanceSpec readSpec(ResultSet row) throws SQLException {
        return InstanceSpec.of(row.getString("id"))
                .handle(text(row, "handle"))
                .image(text(row, "image").map(image::fromJson))
                .command(texts.fromJson(row.getString("command")))
                .env(textsByName.fromJson(row.getString("env")))
                .secrets(InstanceSecrets.of(
                        texts.fromJson(row.getString("secrets")), textsByName.fromJson(row.getString("bound_secrets"))))
                .memoryMb(row.getInt("memory_mb"))
                .vcpus(row.getInt("vcpus"))
                .diskMb(row.getInt("disk_mb"))
                .exposes(read(row, "exposes", ExposedPort::of))
                .network(Egress.of(
                        row.getString("network"),
                        texts.fromJson(row.getString("allow")),
                        texts.fromJson(row.getString("deny")),
                        number(row, "network_rate")))
                .trustHostCas(row.getBoolean("trust_host_cas"))
                .workspace(text(row, "workspace").map(Workspace::parse))
                .volumes(read(row, "volumes", Volume::parse))
                .main(new MainProcess(
                        text(row, "cwd"),
                        text(row, "user"),
                        number(row, "timeout_ms").map(Duration::ofMillis)))
                .life(readLife(row))
                .labels(textsByName.fromJson(row.getString("labels")))
                .idle(new AskedTimeouts(
                        text(row, "idle_pause").flatMap(IdleTimeout::read),
                        text(row, "idle_stop").flatMap(IdleTimeout::read)))
                .createdAt(Instant.ofEpochMilli(row.getLong("created_at")))
                .build();
    }

    private static Life readLife(ResultSet row) throws SQLException {
        int rows = row.getInt("tty_rows");
        Optional<Instant> end = number(row, "expires_at").map(Instant::ofEpochMilli);
        if (row.getBoolean("ephemeral")) {
            return new Life.OfClient(
                    rows == 0 ? Optional.empty() : Optional.of(new TerminalSize(rows, row.getInt("tty_cols"))), end);
        }
        return row.getBoolean("auto_remove") ? new Life.UntilMainEnds(end) : new Life.Stays(end);
    }

    private <T> List<T> read(ResultSet row, String column, Function<String, T> reader) throws SQLException {
        return texts.fromJson(row.getString(column)).stream().map(reader).toList();
    }

    private InstanceRecord read(ResultSet row) throws SQLException {
        return InstanceRecordBuilder.builder()
                .spec(readSpec(row))
                .enabled(row.getBoolean("enabled"))
                .lastActiveAt(Instant.ofEpochMilli(row.getLong("last_active_at")))
                .stoppedAt(number(row, "stopped_at").map(Instant::ofEpochMilli))
                .exitCode(number(row, "exit_code").map(Long::intValue))
                .stopReason(text(row, "stop_reason"))
                .vm(process(row))
                .build();
    }

    private static Optional<ProcessIdentity> process(ResultSet row) throws SQLException {
        String bootId = row.getString("vm_boot_id");
        return bootId == null
                ? Optional.empty()
                : Optional.of(new ProcessIdentity(row.getLong("vm_pid"), row.getLong("vm_start_ticks"), bootId));
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(number);
    }

    /** SQLite has no truth values. */
    private static int number(boolean value) {
        return value ? 1 : 0;
    }

    /** A row that makes no sense costs its instance, not the others. */
    private Optional<InstanceRecord> readable(ResultSet row) throws SQLException {
        try {
            return Optional.of(read(row));
        } catch (JsonException | IllegalArgumentException nonsense) {
            LOG.log(
                    Level.ERROR,
                    "instance=" + row.getString("id")
                            + " its record cannot be read and it is left out, its disk stays: "
                            + nonsense.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Set<String> ids() throws StoreException {
        return Set.copyOf(database.query(
                "read the ids of the instances", "SELECT id FROM instance", List.of(), row -> row.getString(1)));
    }

    @Override
    public List<InstanceRecord> all() throws StoreException {
        String sql = "SELECT * FROM instance ORDER BY created_at, id";
        return database.query("read the instances", sql, List.of(), this::readable).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public CompletableFuture<Void> insert(InstanceRecord record) {
        Columns columns = spec(record.spec()).and(state(record));
        return database.submit("add instance " + record.id(), connection -> columns.insert(connection, "instance"))
                .thenAccept(rows -> {});
    }

    @Override
    public void update(InstanceRecord record) throws StoreException {
        Columns columns = spec(record.spec()).and(state(record));
        database.call("change instance " + record.id(), connection -> columns.update(connection, record.id()));
    }

    @Override
    public void noteVm(String id, ProcessIdentity process) throws StoreException {
        database.call(
                "note the VM of instance " + id,
                connection -> vm(Optional.of(process)).update(connection, id));
    }

    @Override
    public void delete(String id) throws StoreException {
        String sql = "DELETE FROM instance WHERE id=?";
        database.call("remove instance " + id, connection -> Database.execute(connection, sql, List.of(id)));
    }
}
