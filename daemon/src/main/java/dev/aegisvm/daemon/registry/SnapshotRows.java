package dev.aegisvm.daemon.registry;

import module java.base;
import dev.aegisvm.daemon.instance.*;
import io.avaje.jsonb.JsonType;

/** The table of snapshots: a document for each. Every change is durable when its call returns. */
public final class SnapshotRows {
    private final Database database;
    private final JsonType<SnapshotRecord> records = SpecJson.json().type(SnapshotRecord.class);

    public SnapshotRows(Database database) {
        this.database = database;
    }

    /** The oldest first. */
    public List<SnapshotRecord> all() {
        String sql = "SELECT document FROM snapshot ORDER BY taken_at, id";
        return database.query("read the snapshots", sql, List.of(), row -> records.fromJson(row.getString(1)));
    }

    public void insert(SnapshotRecord snapshot) {
        String sql = "INSERT INTO snapshot (id, taken_at, document) VALUES (?,?,?)";
        long takenAt = snapshot.takenAt().toEpochMilli();
        database.change("add snapshot " + snapshot.name(), sql, snapshot.id(), takenAt, records.toJson(snapshot));
    }

    public void delete(String id) {
        database.change("remove snapshot " + id, "DELETE FROM snapshot WHERE id=?", id);
    }
}
