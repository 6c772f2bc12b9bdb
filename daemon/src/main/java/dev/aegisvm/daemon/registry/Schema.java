package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;

/**
 * The versions of the registry's schema. Each step leads to the next version and is applied once, completely or not at all.
 * {@code user_version} counts them. Never edit a step that was released.
 *
 * @param steps the statements of each step
 */
record Schema(List<String> steps) {
    private static final Schema CURRENT = new Schema(List.of(
            """
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
            ) STRICT""",
            """
            CREATE TABLE secret (
              name TEXT PRIMARY KEY,
              created_at INTEGER NOT NULL,
              key_id TEXT NOT NULL,
              sealed TEXT NOT NULL
            ) STRICT;
            ALTER TABLE instance ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]'""",
            "ALTER TABLE instance ADD COLUMN exposes TEXT NOT NULL DEFAULT '[]'",
            """
            ALTER TABLE instance ADD COLUMN idle_pause TEXT;
            ALTER TABLE instance ADD COLUMN idle_stop TEXT""",
            "ALTER TABLE instance ADD COLUMN workspace TEXT",
            "ALTER TABLE instance ADD COLUMN image TEXT",
            "ALTER TABLE instance ADD COLUMN volumes TEXT NOT NULL DEFAULT '[]'",
            """
            ALTER TABLE instance ADD COLUMN cwd TEXT;
            ALTER TABLE instance ADD COLUMN user TEXT;
            ALTER TABLE instance ADD COLUMN timeout_ms INTEGER;
            ALTER TABLE instance ADD COLUMN auto_remove INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE instance ADD COLUMN expires_at INTEGER;
            ALTER TABLE instance ADD COLUMN labels TEXT NOT NULL DEFAULT '{}'""",
            // What was made before there was a gateway reaches what it did.
            """
            ALTER TABLE instance ADD COLUMN network TEXT NOT NULL DEFAULT 'open';
            ALTER TABLE instance ADD COLUMN allow TEXT NOT NULL DEFAULT '[]';
            ALTER TABLE instance ADD COLUMN deny TEXT NOT NULL DEFAULT '[]';
            ALTER TABLE instance ADD COLUMN network_rate INTEGER;
            ALTER TABLE instance ADD COLUMN trust_host_cas INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE instance ADD COLUMN bound_secrets TEXT NOT NULL DEFAULT '{}'""",
            // With what the instance was, in the same columns.
            """
            CREATE TABLE snapshot AS SELECT * FROM instance WHERE 0;
            ALTER TABLE snapshot ADD COLUMN snapshot_id TEXT;
            ALTER TABLE snapshot ADD COLUMN name TEXT;
            ALTER TABLE snapshot ADD COLUMN note TEXT;
            ALTER TABLE snapshot ADD COLUMN memory INTEGER;
            ALTER TABLE snapshot ADD COLUMN with_secrets INTEGER;
            ALTER TABLE snapshot ADD COLUMN taken_at INTEGER"""));

    Schema {
        steps = List.copyOf(steps);
    }

    static Schema current() {
        return CURRENT;
    }

    int version() {
        return steps.size();
    }

    /**
     * Migrates the file to this schema.
     *
     * @throws SQLException when a newer program wrote it, or a step fails; the file is then as it was before the step
     */
    void migrate(Connection connection) throws SQLException {
        int found = versionOf(connection);
        if (found > version()) {
            throw new SQLException("a newer AegisVM wrote it (schema " + found + ", this one knows " + version()
                    + "): use that one, or set AEGIS_HOME to another directory");
        }
        for (int step = found; step < version(); step++) {
            migrate(connection, step);
        }
    }

    private void migrate(Connection connection, int step) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            try {
                statement.executeUpdate(steps.get(step));
                statement.execute("PRAGMA user_version = " + (step + 1));
                statement.execute("COMMIT");
            } catch (SQLException obstacle) {
                statement.execute("ROLLBACK");
                throw obstacle;
            }
        }
    }

    static int versionOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.getInt(1);
        }
    }
}
