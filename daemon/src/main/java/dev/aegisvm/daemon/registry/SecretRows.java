package dev.aegisvm.daemon.registry;

import module java.base;
import module java.sql;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.secrets.SecretVault.SealedSecret;

/** The table of secrets; every value in it is encrypted. */
public final class SecretRows implements SecretVault.Store {
    private final Database database;

    public SecretRows(Database database) {
        this.database = database;
    }

    @Override
    public List<SealedSecret> all() {
        String sql = "SELECT name, created_at, key_id, sealed FROM secret ORDER BY name";
        return database.query("read the secrets", sql, List.of(), SecretRows::read);
    }

    @Override
    public SealedSecret put(SealedSecret secret) {
        String sql = """
                INSERT INTO secret (name, created_at, key_id, sealed) VALUES (?,?,?,?)
                  ON CONFLICT (name) DO UPDATE SET key_id=excluded.key_id, sealed=excluded.sealed
                  RETURNING name, created_at, key_id, sealed""";
        List<Object> values =
                List.of(secret.name(), secret.createdAt().toEpochMilli(), secret.keyId(), secret.sealed());
        return database.query("store secret " + secret.name(), sql, values, SecretRows::read)
                .getFirst();
    }

    @Override
    public boolean delete(String name) {
        return database.change("remove secret " + name, "DELETE FROM secret WHERE name=?", name) > 0;
    }

    private static SealedSecret read(ResultSet row) throws SQLException {
        return new SealedSecret(
                row.getString("name"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                row.getString("key_id"),
                row.getString("sealed"));
    }
}
