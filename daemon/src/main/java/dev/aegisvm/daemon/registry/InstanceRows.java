package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.jsonb.JsonType;
import java.lang.System.Logger.Level;

/** The table of instances: a document for each, and in columns what SQL asks for. */
public final class InstanceRows implements InstanceStore {
    private static final System.Logger LOG = System.getLogger(InstanceRows.class.getName());

    private final Database database;
    private final JsonType<InstanceRecord> records = SpecJson.json().type(InstanceRecord.class);
    private final JsonType<ProcessIdentity> processes = SpecJson.json().type(ProcessIdentity.class);

    public InstanceRows(Database database) {
        this.database = database;
    }

    /** A row that makes no sense costs its instance, not the others. */
    private Optional<InstanceRecord> readable(ResultSet row) throws SQLException {
        try {
            return Optional.of(records.fromJson(row.getString("document")));
        } catch (RuntimeException nonsense) {
            LOG.log(
                    Level.ERROR,
                    "instance=" + row.getString("id")
                            + " its record cannot be read and it is left out, its disk stays: "
                            + nonsense.getMessage());
            return Optional.empty();
        }
    }

    /** The ids of all records, readable or not: files of other ids can be deleted. */
    public Set<String> ids() {
        return Set.copyOf(database.query(
                "read the ids of the instances", "SELECT id FROM instance", List.of(), row -> row.getString(1)));
    }

    /** Every record that can be read; one that cannot be is told in the log and left alone. */
    public List<InstanceRecord> all() {
        String sql = "SELECT id, document FROM instance ORDER BY created_at, id";
        return database.query("read the instances", sql, List.of(), this::readable).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public CompletableFuture<?> insert(InstanceRecord record) {
        String sql = "INSERT INTO instance (id, created_at, document) VALUES (?,?,?)";
        List<Object> values = List.of(record.id(), record.spec().createdAt().toEpochMilli(), records.toJson(record));
        return database.submit("add instance " + record.id(), connection -> Database.execute(connection, sql, values));
    }

    @Override
    public void update(InstanceRecord record) {
        String sql = "UPDATE instance SET document=? WHERE id=?";
        database.change("change instance " + record.id(), sql, records.toJson(record), record.id());
    }

    @Override
    public CompletableFuture<?> noteVm(String id, ProcessIdentity process) {
        String sql = "UPDATE instance SET document=json_set(document, '$.vm', json(?)) WHERE id=?";
        List<Object> values = List.of(processes.toJson(process), id);
        return database.submit(
                "note the VM of instance " + id, connection -> Database.execute(connection, sql, values));
    }

    @Override
    public void delete(String id) {
        database.change("remove instance " + id, "DELETE FROM instance WHERE id=?", id);
    }
}
