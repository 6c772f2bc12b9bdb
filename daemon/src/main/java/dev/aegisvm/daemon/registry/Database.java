package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.task.Task;
import org.jspecify.annotations.Nullable;
import org.sqlite.*;

/**
 * One SQLite file and its thread: a platform thread, since SQLite blocks in native code, which would hold a carrier of
 * virtual threads.
 */
public final class Database implements AutoCloseable {
    private static final String MAGIC = "SQLite format 3\0";

    private static final Set<Integer> DAMAGE =
            Set.of(SQLiteErrorCode.SQLITE_CORRUPT.code, SQLiteErrorCode.SQLITE_NOTADB.code);

    private final Path file;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("registry").daemon().factory());
    private final Connection connection;

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Opens or creates the file, and migrates it; what is no registry stays. The driver unpacks into scratch. */
    public static Database open(Path file, Path scratch) throws DamagedException {
        System.setProperty("org.sqlite.tmpdir", scratch.toString());
        checkBeginning(file);
        Connection connection = null;
        try {
            connection = config().createConnection("jdbc:sqlite:" + file);
            checkIntegrity(connection);
            Schema.current().migrate(connection);
            return new Database(file, connection);
        } catch (SQLException obstacle) {
            closeQuietly(connection);
            if (DAMAGE.contains(obstacle.getErrorCode())) {
                throw new DamagedException(String.valueOf(obstacle.getMessage()), obstacle);
            }
            throw cannotOpen(file, obstacle);
        }
    }

    /** A file that is not a database is not opened: SQLite would remove the files next to it. */
    private static void checkBeginning(Path file) throws DamagedException {
        if (Files.isDirectory(file)) {
            throw new DamagedException("it is a directory", null);
        }
        if (!Files.isRegularFile(file)) {
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String beginning = new String(in.readNBytes(MAGIC.length()), StandardCharsets.ISO_8859_1);
            if (!beginning.isEmpty() && !beginning.equals(MAGIC)) {
                throw new DamagedException("it is not a database", null);
            }
        } catch (IOException obstacle) {
            throw cannotOpen(file, obstacle);
        }
    }

    private static ApiException cannotOpen(Path file, Exception obstacle) {
        return ErrorCode.INTERNAL.refusal(
                "the registry " + file + " cannot be opened: " + obstacle.getMessage() + " (nothing was changed)",
                obstacle);
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(2000);
        return config;
    }

    /** Reads every page and every index, so that damage is found at the start. */
    private static void checkIntegrity(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA integrity_check(1)")) {
            String verdict = row.getString(1);
            if (!"ok".equals(verdict)) {
                throw new SQLException(verdict, "", SQLiteErrorCode.SQLITE_CORRUPT.code);
            }
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException second) {
            // The first failure is the one that is reported.
        }
    }

    interface Work<F, T> {
        T with(F from) throws SQLException;
    }

    <T> List<T> query(String what, String sql, List<?> values, Work<ResultSet, T> reader) {
        return call(what, connection -> {
            List<T> found = new ArrayList<>();
            try (PreparedStatement statement = prepare(connection, sql, values);
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(reader.with(row));
                }
            }
            return found;
        });
    }

    static int execute(Connection connection, String sql, List<?> values) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, values)) {
            return statement.executeUpdate();
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, List<?> values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        return statement;
    }

    /** Executes one statement, and returns how many rows it changed. */
    int change(String what, String sql, Object... values) {
        return call(what, connection -> execute(connection, sql, List.of(values)));
    }

    /** Does the work, one statement, on the registry's thread, and waits until it is durable. */
    <T> T call(String what, Work<Connection, T> work) {
        try {
            return submit(what, work).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof ApiException reason
                    ? reason
                    : ErrorCode.INTERNAL.refusal("cannot " + what, failure);
        }
    }

    /** Queues the work, one statement; the future fails with an {@link ApiException}. */
    <T> CompletableFuture<T> submit(String what, Work<Connection, T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            Runnable completing = () -> {
                try {
                    result.complete(work.with(connection));
                } catch (SQLException | RuntimeException failure) {
                    result.completeExceptionally(explained(what, failure));
                }
            };
            thread.execute(() -> Task.run(what, completing, bug -> result.completeExceptionally(explained(what, bug))));
        } catch (RejectedExecutionException closed) {
            result.completeExceptionally(
                    ErrorCode.INTERNAL.refusal("cannot " + what + ": the registry is closed", closed));
        }
        return result;
    }

    private ApiException explained(String what, Throwable failure) {
        String failed = "cannot " + what + " in the registry";
        return failure instanceof SQLException refused && refused.getErrorCode() == SQLiteErrorCode.SQLITE_FULL.code
                ? ErrorCode.HOST_DISK_FULL.refusal(
                        failed + ": the host's disk is full",
                        "free some space (df -h " + file + "), then try again",
                        failure)
                : ErrorCode.INTERNAL.refusal(failed + " " + file + ": " + failure.getMessage(), failure);
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
            connection.close();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (SQLException failure) {
            // Everything that was confirmed is committed; the write-ahead log is read at the next start.
        }
    }

    /** The file exists but is not the registry that was written: its content is lost, wholly or in part. */
    public static final class DamagedException extends Exception {
        /** @param damage what is wrong, to follow "the registry … is damaged:" */
        public DamagedException(String damage, @Nullable Throwable cause) {
            super(damage, cause);
        }
    }

    /**
     * The steps by which {@code schema.sql} makes the registry. Each is applied once, completely or not at all; {@code
     * user_version} counts them.
     */
    record Schema(List<String> steps) {
        private static final String BETWEEN = "\n===\n";

        Schema {
            steps = List.copyOf(steps);
        }

        static Schema current() {
            return new Schema(
                    List.of(TextResource.of(Schema.class, "schema.sql").split(BETWEEN)));
        }

        int version() {
            return steps.size();
        }

        /** Migrates the file, or throws: a newer program wrote it, or a step failed, before which it is then. */
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
}
