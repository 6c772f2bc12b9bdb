package dev.aegisvm.daemon.registry;

import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.api.LongText;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.daemon.idle.AskedTimeouts;
import dev.aegisvm.daemon.instance.ExposedPort;
import dev.aegisvm.daemon.instance.ImageUse;
import dev.aegisvm.daemon.instance.InstanceRecord;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.instance.InstanceStore;
import dev.aegisvm.daemon.instance.StoreException;
import dev.aegisvm.daemon.instance.Workspace;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.lang.System.Logger.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The table of instances. */
public final class InstanceRows implements InstanceStore {
    private static final System.Logger LOG = System.getLogger(InstanceRows.class.getName());

    private final Database database;
    private final JsonType<List<String>> texts;
    private final JsonType<Map<String, String>> env;
    private final JsonType<ImageUse> image;

    public InstanceRows(Database database) {
        this.database = database;
        Jsonb json =
                Jsonb.builder().add(String.class, new LongText().nullSafe()).build();
        JsonType<String> text = json.type(String.class);
        this.texts = text.list();
        this.env = text.map();
        this.image = json.type(ImageUse.class);
    }

    @Override
    public Set<String> ids() throws StoreException {
        return database.call("read the ids of the instances", connection -> {
            Set<String> ids = new HashSet<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT id FROM instance");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getString(1));
                }
            }
            return ids;
        });
    }

    @Override
    public List<InstanceRecord> all() throws StoreException {
        return database.call("read the instances", connection -> {
            List<InstanceRecord> records = new ArrayList<>();
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT * FROM instance ORDER BY created_at, id");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    readable(row).ifPresent(records::add);
                }
            }
            return records;
        });
    }

    @Override
    public CompletableFuture<Void> insert(InstanceRecord record) {
        return database.submit("add instance " + record.id(), connection -> {
                    try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO instance (id, handle, command, env, secrets, memory_mb, vcpus, disk_mb, exposes, workspace, ephemeral, tty_rows,
                      tty_cols, created_at, idle_pause, idle_stop, image, enabled, last_active_at, stopped_at, exit_code, stop_reason,
                      vm_pid, vm_start_ticks, vm_boot_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""")) {
                        int next = writeSpec(insert, record.spec());
                        writeState(insert, next, record);
                        return insert.executeUpdate();
                    }
                })
                .thenAccept(rows -> {});
    }

    @Override
    public void update(InstanceRecord record) throws StoreException {
        database.call("change instance " + record.id(), connection -> {
            try (PreparedStatement update = connection.prepareStatement("""
                    UPDATE instance SET enabled=?, last_active_at=?, stopped_at=?, exit_code=?, stop_reason=?, vm_pid=?,
                      vm_start_ticks=?, vm_boot_id=? WHERE id=?""")) {
                int next = writeState(update, 1, record);
                update.setString(next, record.id());
                return update.executeUpdate();
            }
        });
    }

    @Override
    public void noteVm(String id, ProcessIdentity process) throws StoreException {
        database.call("note the VM of instance " + id, connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE instance SET vm_pid=?, vm_start_ticks=?, vm_boot_id=? WHERE id=?")) {
                update.setLong(1, process.pid());
                update.setLong(2, process.startTicks());
                update.setString(3, process.bootId());
                update.setString(4, id);
                return update.executeUpdate();
            }
        });
    }

    @Override
    public void delete(String id) throws StoreException {
        database.call("remove instance " + id, connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM instance WHERE id=?")) {
                delete.setString(1, id);
                return delete.executeUpdate();
            }
        });
    }

    private int writeSpec(PreparedStatement statement, InstanceSpec spec) throws SQLException {
        int column = 1;
        statement.setString(column++, spec.id());
        statement.setString(column++, spec.handle().orElse(null));
        statement.setString(column++, texts.toJson(spec.command()));
        statement.setString(column++, env.toJson(spec.env()));
        statement.setString(column++, texts.toJson(spec.secrets()));
        statement.setInt(column++, spec.memoryMb());
        statement.setInt(column++, spec.vcpus());
        statement.setInt(column++, spec.diskMb());
        statement.setString(
                column++,
                texts.toJson(spec.exposes().stream().map(ExposedPort::text).toList()));
        statement.setString(column++, spec.workspace().map(Workspace::text).orElse(null));
        statement.setBoolean(column++, spec.ephemeral());
        setInt(statement, column++, spec.tty().map(TerminalSize::rows).orElse(null));
        setInt(statement, column++, spec.tty().map(TerminalSize::cols).orElse(null));
        statement.setLong(column++, spec.createdAt().toEpochMilli());
        statement.setString(column++, spec.idle().pause().map(IdleTimeout::text).orElse(null));
        statement.setString(column++, spec.idle().stop().map(IdleTimeout::text).orElse(null));
        statement.setString(column++, spec.image().map(image::toJson).orElse(null));
        return column;
    }

    private static int writeState(PreparedStatement statement, int first, InstanceRecord record) throws SQLException {
        int column = first;
        statement.setBoolean(column++, record.enabled());
        statement.setLong(column++, record.lastActiveAt().toEpochMilli());
        setLong(
                statement,
                column++,
                record.stoppedAt().map(Instant::toEpochMilli).orElse(null));
        setInt(
                statement,
                column++,
                record.exitCode().isPresent() ? record.exitCode().getAsInt() : null);
        statement.setString(column++, record.stopReason().orElse(null));
        setLong(statement, column++, record.vm().map(ProcessIdentity::pid).orElse(null));
        setLong(
                statement,
                column++,
                record.vm().map(ProcessIdentity::startTicks).orElse(null));
        statement.setString(column++, record.vm().map(ProcessIdentity::bootId).orElse(null));
        return column;
    }

    private static void setInt(PreparedStatement statement, int column, @Nullable Integer value) throws SQLException {
        if (value == null) {
            statement.setNull(column, Types.INTEGER);
        } else {
            statement.setInt(column, value);
        }
    }

    private static void setLong(PreparedStatement statement, int column, @Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(column, Types.INTEGER);
        } else {
            statement.setLong(column, value);
        }
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

    private static Optional<IdleTimeout> timeout(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column)).flatMap(IdleTimeout::read);
    }

    private InstanceRecord read(ResultSet row) throws SQLException {
        int rows = row.getInt("tty_rows");
        InstanceSpec spec = new InstanceSpec(
                row.getString("id"),
                Optional.ofNullable(row.getString("handle")),
                Optional.ofNullable(row.getString("image")).map(image::fromJson),
                texts.fromJson(row.getString("command")),
                env.fromJson(row.getString("env")),
                texts.fromJson(row.getString("secrets")),
                row.getInt("memory_mb"),
                row.getInt("vcpus"),
                row.getInt("disk_mb"),
                texts.fromJson(row.getString("exposes")).stream()
                        .map(ExposedPort::of)
                        .toList(),
                Optional.ofNullable(row.getString("workspace")).map(Workspace::parse),
                row.getBoolean("ephemeral"),
                new AskedTimeouts(timeout(row, "idle_pause"), timeout(row, "idle_stop")),
                rows == 0 ? Optional.empty() : Optional.of(new TerminalSize(rows, row.getInt("tty_cols"))),
                Instant.ofEpochMilli(row.getLong("created_at")));
        long stoppedAt = row.getLong("stopped_at");
        int exitCode = row.getInt("exit_code");
        boolean exited = !row.wasNull();
        String bootId = row.getString("vm_boot_id");
        return new InstanceRecord(
                spec,
                row.getBoolean("enabled"),
                Instant.ofEpochMilli(row.getLong("last_active_at")),
                stoppedAt == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(stoppedAt)),
                exited ? OptionalInt.of(exitCode) : OptionalInt.empty(),
                Optional.ofNullable(row.getString("stop_reason")),
                bootId == null
                        ? Optional.empty()
                        : Optional.of(
                                new ProcessIdentity(row.getLong("vm_pid"), row.getLong("vm_start_ticks"), bootId)));
    }
}
