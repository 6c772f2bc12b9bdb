package dev.aegisvm.daemon.registry;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The versions of the registry's schema: each step is done once, in order, and counted in {@code user_version}. */
final class Schema {
    private static final List<String> STEPS = List.of("""
            CREATE TABLE instance (
              id TEXT PRIMARY KEY,
              handle TEXT UNIQUE,
              command TEXT NOT NULL,
              env TEXT NOT NULL,
              memory_mb INTEGER NOT NULL,
              vcpus INTEGER NOT NULL,
              disk_mb INTEGER NOT NULL,
              ephemeral INTEGER NOT NULL,
              tty_rows INTEGER,
              tty_cols INTEGER,
              created_at INTEGER NOT NULL,
              enabled INTEGER NOT NULL,
              last_active_at INTEGER NOT NULL,
              stopped_at INTEGER,
              exit_code INTEGER,
              stop_reason TEXT,
              vm_pid INTEGER,
              vm_start_ticks INTEGER,
              vm_boot_id TEXT
            ) STRICT""");

    private Schema() {}

    /** Brings the file to the newest version; a newer one than this program knows is an error. */
    static void migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                version = row.getInt(1);
            }
            if (version > STEPS.size()) {
                throw new SQLException("it was written by a newer AegisVM (schema " + version + ", this one knows "
                        + STEPS.size() + ")");
            }
            for (int step = version; step < STEPS.size(); step++) {
                statement.execute("BEGIN");
                statement.execute(STEPS.get(step));
                statement.execute("PRAGMA user_version = " + (step + 1));
                statement.execute("COMMIT");
            }
        }
    }
}
