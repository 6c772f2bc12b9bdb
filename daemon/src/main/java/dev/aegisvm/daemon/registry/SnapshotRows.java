package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;
import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import dev.aegisvm.daemon.instance.SnapshotRecord;

/** The table of snapshots, each with what its instance was. Every change is durable when its call returns. */
public record SnapshotRows(Database database, InstanceRows instances) {
    /** The oldest first. */
    public List<SnapshotRecord> all() throws StoreException {
        String sql = "SELECT * FROM snapshot ORDER BY taken_at, snapshot_id";
        return database.query("read the snapshots", sql, List.of(), this::read);
    }

    private SnapshotRecord read(ResultSet row) throws SQLException {
        return new SnapshotRecord(
                row.getString("snapshot_id"),
                row.getString("name"),
                Optional.ofNullable(row.getString("note")),
                Instant.ofEpochMilli(row.getLong("taken_at")),
                row.getBoolean("memory"),
                row.getBoolean("with_secrets"),
                instances.readSpec(row));
    }

    public void insert(SnapshotRecord snapshot) throws StoreException {
        InstanceRows.Columns columns = instances
                .spec(snapshot.spec())
                .add("snapshot_id", snapshot.id())
                .add("name", snapshot.name())
                .add("note", snapshot.note())
                .add("taken_at", snapshot.takenAt().toEpochMilli())
                .add("memory", snapshot.memory() ? 1 : 0)
                .add("with_secrets", snapshot.withSecrets() ? 1 : 0);
        database.call("add snapshot " + snapshot.name(), connection -> columns.insert(connection, "snapshot"));
    }

    public void delete(String id) throws StoreException {
        String sql = "DELETE FROM snapshot WHERE snapshot_id=?";
        database.call("remove snapshot " + id, connection -> Database.execute(connection, sql, List.of(id)));
    }
}
