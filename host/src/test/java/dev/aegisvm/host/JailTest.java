package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.Cell.Input;
import dev.aegisvm.host.Cell.Shared;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real launcher, and the program that attacks from within; {@code jail/tests/check} tries what that can reach. */
class JailTest {
    private static final Path BUILT = Path.of("jail/build").toAbsolutePath();
    private static final int PROBE_ENDED = 7;

    @TempDir
    Path directory;

    private Path usr;
    private Jail jail;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        usr = directory.resolve("usr");
        Files.createDirectories(usr.resolve("bin"));
        Files.copy(BUILT.resolve("probe"), usr.resolve("bin/probe"));
        jail = jail(false);
    }

    private Jail jail(boolean required) {
        Jail.Rules rules = new Jail.Rules(new Uids(0x7000_0000, 3), Cgroup.none("in a test"), required);
        return new Jail(BUILT.resolve(Jail.PROGRAM), rules, List.of(directory));
    }

    private static Cell cell(List<Path> readOnly, List<Shared> shared, Input input) {
        return new Cell(List.of(), readOnly, List.of(), List.of(), shared, Long.MAX_VALUE, Long.MAX_VALUE, input);
    }

    private static String printed(Jailed program) throws IOException {
        return new String(program.output().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aProgramSeesItsCellAndNothingElse() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        Path secret = Files.writeString(directory.resolve("secret"), "text");
        List<String> command = List.of("probe", "read=" + file, "read=" + secret, "write=" + file);
        Jailed program = jail.start(Optional.of(usr), cell(List.of(file), List.of(), Input.NOTHING), command);
        assertThat(printed(program).lines())
                .hasSize(3)
                .anyMatch(line -> line.equals("OPEN read=" + file))
                .anyMatch(line -> line.startsWith("held read=" + secret))
                .anyMatch(line -> line.startsWith("held write=" + file));
        assertThat(program.exit().get(10, TimeUnit.SECONDS)).isEqualTo(PROBE_ENDED);
        assertThat(program.missing()).isEmpty();
    }

    @Test
    void aFileThatItWritesHasALimit() throws Exception {
        Path disk = Files.writeString(directory.resolve("disk"), "text");
        List<String> command = List.of("probe", "grow=" + disk);
        for (long limit : List.of(Long.MAX_VALUE, 65536L)) {
            Cell cell = new Cell(
                    List.of(), List.of(), List.of(disk), List.of(), List.of(), Long.MAX_VALUE, limit, Input.NOTHING);
            Jailed program = jail.start(Optional.of(usr), cell, command);
            assertThat(printed(program)).startsWith(limit == 65536 ? "held" : "OPEN");
            assertThat(program.exit().get(10, TimeUnit.SECONDS)).isEqualTo(PROBE_ENDED);
        }
    }

    @Test
    void everyWallStandsHere() throws IOException {
        assertThat(jail.walls()).isNotEmpty().allMatch(Wall::stands);
        assertThat(jail.hasRoot()).isTrue();
    }

    @Test
    void aFileComesLater() throws Exception {
        Path later = Files.writeString(directory.resolve("later"), "here");
        Path link = Files.createSymbolicLink(directory.resolve("link"), later);
        Jailed program =
                jail.start(Optional.of(usr), cell(List.of(), List.of(), Input.FILES), List.of("probe", "socket"));
        program.send("hello");
        assertThat(program.hear()).isEqualTo("welcome");
        program.send("take it", Jailed.Access.READ, later);
        assertThat(program.hear()).isEqualTo("taken");
        assertThatThrownBy(() -> program.send("again", Jailed.Access.READ, link))
                .hasMessageContaining("cannot open " + link);
        assertThatThrownBy(() -> program.send("again", Jailed.Access.READ, Path.of("/a\nopen rw /b")))
                .hasMessageContaining("line");
        program.input().close();
        assertThat(printed(program)).startsWith("content here");
        assertThat(program.exit().get(10, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aSharedDirectoryIsTheOneThatWasSeen() throws IOException {
        Path seen = Files.createDirectory(directory.resolve("seen"));
        Shared shared = Shared.of("0", seen, false);
        Path link = Files.createSymbolicLink(directory.resolve("link"), seen);
        assertThatThrownBy(() -> Shared.of("0", link, false)).hasMessageContaining("replaced");
        Files.move(seen, directory.resolve("moved"));
        Files.createDirectory(seen);
        assertThatThrownBy(() ->
                        jail.start(Optional.of(usr), cell(List.of(), List.of(shared), Input.NOTHING), List.of("probe")))
                .hasMessage(seen + " was replaced by another file");
    }

    @Test
    void aProgramThatIsKilledIsToldApartAndItsUidIsGivenBack() throws Exception {
        for (int i = 0; i < 4; i++) {
            Jailed program =
                    jail.start(Optional.of(usr), cell(List.of(), List.of(), Input.NOTHING), List.of("probe", "wait"));
            assertThat(program.missing()).isEmpty();
            assertThat(program.identity().alive()).isTrue();
            program.kill();
            assertThat(program.exit().get(10, TimeUnit.SECONDS)).isEqualTo(128 + Posix.SIGKILL);
        }
    }

    @Test
    void whereAllWallsAreRequiredAProgramWithoutOneIsNotStarted() throws IOException {
        Jail strict = jail(true);
        List<Jailed> running = new ArrayList<>();
        ThrowingCallable another = () -> running.add(
                strict.start(Optional.of(usr), cell(List.of(), List.of(), Input.NOTHING), List.of("probe", "wait")));
        try {
            assertThatCode(another).doesNotThrowAnyException();
            assertThatCode(another).doesNotThrowAnyException();
            if (PrivateDirectory.ourUid() == 0) {
                assertThatThrownBy(another)
                        .hasMessageContaining("require_jail")
                        .hasMessageContaining("uid (no free uid");
            } else {
                assertThatCode(another).doesNotThrowAnyException();
            }
        } finally {
            running.forEach(Jailed::kill);
        }
    }

    @Test
    void aPlaceThatIsMissingIsNamed() {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> jail.start(
                        Optional.of(usr), cell(List.of(missing), List.of(), Input.NOTHING), List.of("probe", "wait")))
                .hasMessage("cannot mount " + missing + ": No such file or directory");
    }
}
