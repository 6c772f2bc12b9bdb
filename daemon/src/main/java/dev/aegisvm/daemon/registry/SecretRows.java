package dev.aegisvm.daemon.registry;

import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import dev.aegisvm.daemon.secrets.SecretStore;
import dev.aegisvm.daemon.secrets.SecretStore.SealedSecret;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The table of secrets; every value in it is encrypted. */
public final class SecretRows implements SecretStore {
    private final Database database;

    public SecretRows(Database database) {
        this.database = database;
    }

    @Override
    public List<SealedSecret> all() {
        return call("read the secrets", connection -> {
            List<SealedSecret> secrets = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT name, created_at, key_id, sealed FROM secret ORDER BY name");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    secrets.add(read(row));
                }
            }
            return secrets;
        });
    }

    @Override
    public SealedSecret put(SealedSecret secret) {
        return call("store secret " + secret.name(), connection -> {
            try (PreparedStatement upsert = connection.prepareStatement("""
                    INSERT INTO secret (name, created_at, key_id, sealed) VALUES (?,?,?,?)
                      ON CONFLICT (name) DO UPDATE SET key_id=excluded.key_id, sealed=excluded.sealed
                      RETURNING name, created_at, key_id, sealed""")) {
                upsert.setString(1, secret.name());
                upsert.setLong(2, secret.createdAt().toEpochMilli());
                upsert.setString(3, secret.keyId());
                upsert.setString(4, secret.sealed());
                try (ResultSet row = upsert.executeQuery()) {
                    return read(row);
                }
            }
        });
    }

    @Override
    public boolean delete(String name) {
        return call("remove secret " + name, connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM secret WHERE name=?")) {
                delete.setString(1, name);
                return delete.executeUpdate() > 0;
            }
        });
    }

    private static SealedSecret read(ResultSet row) throws SQLException {
        return new SealedSecret(
                row.getString("name"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                row.getString("key_id"),
                row.getString("sealed"));
    }

    private <T> T call(String what, Database.Work<T> work) {
        try {
            return database.call(what, work);
        } catch (StoreException obstacle) {
            throw obstacle.refusal();
        }
    }
}
