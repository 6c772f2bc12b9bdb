package dev.aegisvm.daemon.registry;

import module java.base;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import io.avaje.jsonb.JsonType;

/** The table of snapshots: a document for each. Every change is durable when its call returns. */
public final class SnapshotRows {
    private final Database database;
    private final JsonType<SnapshotRecord> records = SpecJson.json().type(SnapshotRecord.class);

    public SnapshotRows(Database database) {
        this.database = database;
    }

    /** The oldest first. */
    public List<SnapshotRecord> all() throws StoreException {
        String sql = "SELECT document FROM snapshot ORDER BY taken_at, id";
        return database.query("read the snapshots", sql, List.of(), row -> records.fromJson(row.getString(1)));
    }

    public void insert(SnapshotRecord snapshot) throws StoreException {
        String sql = "INSERT INTO snapshot (id, taken_at, document) VALUES (?,?,?)";
        List<Object> values = List.of(snapshot.id(), snapshot.takenAt().toEpochMilli(), records.toJson(snapshot));
        database.call("add snapshot " + snapshot.name(), connection -> Database.execute(connection, sql, values));
    }

    public void delete(String id) throws StoreException {
        String sql = "DELETE FROM snapshot WHERE id=?";
        database.call("remove snapshot " + id, connection -> Database.execute(connection, sql, List.of(id)));
    }
}
