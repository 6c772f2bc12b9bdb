package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;

/**
 * The versions of the registry, as {@code schema.sql} has them. Each step is applied once, completely or not at all;
 * {@code user_version} counts them.
 *
 * @param steps the statements of each step
 */
record Schema(List<String> steps) {
    private static final String BETWEEN = "\n===\n";

    Schema {
        steps = List.copyOf(steps);
    }

    static Schema current() {
        try (InputStream sql = Objects.requireNonNull(Schema.class.getResourceAsStream("schema.sql"))) {
            String text = new String(sql.readAllBytes(), StandardCharsets.UTF_8);
            return new Schema(List.of(text.split(BETWEEN)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
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
