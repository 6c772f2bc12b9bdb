package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.daemon.home.HomeException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of instances whose registry cannot be read: nothing of theirs is lost, and somebody is told. */
class DamagedRegistryTest {
    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private Path registry;
    private String id;

    @BeforeEach
    void aHomeWithAnInstance() throws Exception {
        daemon = DaemonHarness.open(directory);
        registry = daemon.home.registry();
        id = daemon.create("{\"command\":[\"print\",\"hello\"],\"handle\":\"box\"}");
        daemon.awaitState("box", "stopped");
        for (int i = 0; i < 20; i++) {
            daemon.create("{\"command\":[\"sleep\",\"" + "x".repeat(1000) + "\"]}");
        }
        daemon.close();
        assertThat(registry).isRegularFile();
        assertThat(daemon.home.instance(id).resolve("disk.raw")).exists();
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    /** Ways in which a file is no registry any more. */
    enum Damage {
        TRUNCATED {
            @Override
            void to(Path file) throws IOException {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() / 2);
                }
            }
        },
        TRUNCATED_IN_A_PAGE {
            @Override
            void to(Path file) throws IOException {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(100);
                }
            }
        },
        GARBAGE_IN_THE_MIDDLE {
            @Override
            void to(Path file) throws IOException {
                byte[] garbage = new byte[8192];
                Arrays.fill(garbage, (byte) 0xA5);
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(garbage), channel.size() / 2 / 4096 * 4096);
                }
            }
        },
        GARBAGE_ALL_OVER {
            @Override
            void to(Path file) throws IOException {
                Files.writeString(file, "this is no database, and long enough to look like one at all ".repeat(100));
            }
        },
        ZERO_BYTES {
            @Override
            void to(Path file) throws IOException {
                Files.write(file, new byte[0]);
            }
        },
        GONE {
            @Override
            void to(Path file) throws IOException {
                Files.delete(file);
            }
        },
        A_DIRECTORY {
            @Override
            void to(Path file) throws IOException {
                Files.delete(file);
                Files.createDirectory(file);
            }
        };

        abstract void to(Path file) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void itIsKeptWithTheDisksAndTheNextStartBeginsAnew(Damage damage) throws Exception {
        damage.to(registry);
        byte[] damaged = Files.isRegularFile(registry) ? Files.readAllBytes(registry) : new byte[0];
        assertThatThrownBy(daemon::restart)
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("the registry " + registry + " is damaged (")
                .hasMessageContaining("disks (21)")
                .hasMessageContaining(daemon.home.damaged().toString())
                .hasMessageContaining("Start again")
                .hasMessageContaining("docs/TROUBLESHOOTING.md");
        Path kept = onlyEntry(daemon.home.damaged());
        assertThat(kept.getFileName().toString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ");
        assertThat(kept.resolve("instances/" + id + "/disk.raw")).hasContent("disk of " + id);
        assertThat(kept.resolve("logs/" + id + ".ndjson")).exists();
        if (damaged.length > 0) {
            assertThat(kept.resolve("aegis.db")).hasBinaryContent(damaged);
        }

        daemon.restart();
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
        daemon.running("box");
        assertThat(kept.resolve("instances/" + id + "/disk.raw")).hasContent("disk of " + id);
        assertThat(onlyEntry(daemon.home.damaged())).isEqualTo(kept);
    }

    private static Path onlyEntry(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> all = entries.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void itsWriteAheadLogIsKeptWithIt() throws Exception {
        Damage.GARBAGE_ALL_OVER.to(registry);
        Path log = Files.writeString(registry.resolveSibling("aegis.db-wal"), "what was written last");
        Path index = Files.writeString(registry.resolveSibling("aegis.db-shm"), "where it is");
        assertThatThrownBy(daemon::restart).isInstanceOf(HomeException.class);
        Path kept = onlyEntry(daemon.home.damaged());
        assertThat(log).doesNotExist();
        assertThat(index).doesNotExist();
        assertThat(kept.resolve("aegis.db-wal")).hasContent("what was written last");
        assertThat(kept.resolve("aegis.db-shm")).hasContent("where it is");
    }

    @Test
    void asOftenAsItHappens() throws Exception {
        Damage.GARBAGE_ALL_OVER.to(registry);
        assertThatThrownBy(daemon::restart).hasMessageContaining("disks (21)");
        Files.createDirectories(daemon.home.instances());
        Damage.GARBAGE_ALL_OVER.to(registry);
        assertThatThrownBy(daemon::restart).hasMessageContaining("disks (0)");
        try (Stream<Path> kept = Files.list(daemon.home.damaged())) {
            assertThat(kept).hasSize(2);
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsLeftWhereItIs() throws Exception {
        Path real = Files.move(registry, registry.resolveSibling("elsewhere"));
        Files.createSymbolicLink(registry, registry);
        assertThatThrownBy(daemon::restart)
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("the registry " + registry + " cannot be opened")
                .hasMessageContaining("nothing was changed");
        assertThat(daemon.home.damaged()).doesNotExist();
        assertThat(daemon.home.instance(id).resolve("disk.raw")).exists();
        Files.move(real, registry, StandardCopyOption.REPLACE_EXISTING);
        daemon.restart();
        assertThat(daemon.http.get("/v1/instances").body()).contains("\"handle\":\"box\"");
    }

    @Test
    void aHomeThatWasNeverUsedIsNotDamaged() throws Exception {
        Path other = directory.resolve("other");
        Files.createDirectories(other.resolve("home/data"));
        Files.createFile(other.resolve("home/data/aegis.db"));
        try (DaemonHarness fresh = DaemonHarness.open(other)) {
            assertThat(fresh.http.get("/v1/instances").body()).isEqualTo("[]");
            assertThat(fresh.home.damaged()).doesNotExist();
        }
    }

    @Test
    void aRowThatCannotBeReadCostsItsInstanceAloneAndNoDisk() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + registry);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE instance SET document = '[oops' WHERE document LIKE '%\"box\"%'");
        }
        daemon.restart();
        assertThat(daemon.http.get("/v1/instances").body()).contains("inst-").doesNotContain("box");
        assertThat(daemon.home.instance(id).resolve("disk.raw")).exists();
        assertThat(daemon.home.logs().resolve(id + ".ndjson")).exists();
    }
}
