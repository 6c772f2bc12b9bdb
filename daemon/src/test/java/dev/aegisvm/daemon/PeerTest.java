package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may talk to the daemon when the modes of its socket and its directories do not say so. */
class PeerTest {
    private static final String ASK = """
            use IO::Socket::UNIX;
            my $socket = IO::Socket::UNIX->new($ARGV[0]) or die "not connected: $!";
            print "uid $<, connected\\n";
            $SIG{PIPE} = 'IGNORE';
            syswrite $socket, "GET /v1/status HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n";
            local $/;
            my $answer = <$socket>;
            print defined $answer && length $answer ? $answer : "no answer";
            """;

    /** A process that the init process takes over. What it says comes by another, since Java closes the pipe of one that has ended. */
    private static final List<String> STRANGER = List.of("sh", "-c", "setsid --fork \"$@\" | cat", "sh");

    @TempDir
    Path directory;

    @Test
    void anotherUserIsRefusedEvenWhereEveryFileIsOpen() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            mode(directory, "rwxr-xr-x");
            mode(daemon.home.root(), "rwxr-xr-x");
            mode(daemon.home.socket(), "rw-rw-rw-");
            int ourselves = PrivateDirectory.ourUid();
            assertThat(ask(daemon.home.socket(), STRANGER))
                    .startsWith("uid " + ourselves + ", connected")
                    .contains("200 OK", "\"status\":\"running\"");
            assertThat(ask(daemon.home.socket(), anotherUser(ourselves)))
                    .startsWith("uid ")
                    .doesNotStartWith("uid " + ourselves + ",")
                    .endsWith("connected\nno answer");
            // The refusal harmed nobody.
            assertThat(daemon.http.get("/v1/status").status()).isEqualTo(200);
        }
    }

    /** The daemon is this process, and what it starts might be a VM. */
    @Test
    void whatTheDaemonStartedIsRefused() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            String us = "uid " + PrivateDirectory.ourUid() + ", connected\n";
            assertThat(ask(daemon.home.socket(), List.of())).isEqualTo(us + "no answer");
            assertThat(ask(daemon.home.socket(), List.of("sh", "-c", "\"$@\"; true", "sh")))
                    .isEqualTo(us + "no answer");
            assertThat(ask(daemon.home.socket(), STRANGER)).startsWith(us).contains("200 OK");
        }
    }

    /** Root becomes nobody; others become one of their subordinate uids, in a user namespace. */
    private static List<String> anotherUser(int ourselves) {
        return ourselves == 0
                ? List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
                : List.of("unshare", "--user", "--map-root-user", "--map-auto", "--setuid=1", "--setgid=1", "--");
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static String ask(Path socket, List<String> asUser) throws IOException {
        List<String> command = new ArrayList<>(asUser);
        command.addAll(List.of("perl", "-e", ASK, socket.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
