package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may follow on a command line: by itself, and as bash completes it with the script that we print. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompletionTest {
    @TempDir
    Path home;

    private static byte[] answer(String request) {
        String body = switch (request.substring(0, request.indexOf(" HTTP/1.1"))) {
            case "GET /v1/instances" -> "[" + instance("inst-1", "\"box\"") + "," + instance("inst-2", "null") + "]";
            case "GET /v1/images" ->
                "[{\"digest\":\"sha256:0\",\"names\":[\"debian:12\",\"debian:13\"],\"size_bytes\":1,"
                        + "\"created_at\":\"2026-01-02T03:04:05Z\",\"used_by\":[]}]";
            case "GET /v1/secrets" -> "[{\"name\":\"API_KEY\",\"created_at\":\"2026-01-02T03:04:05Z\"}]";
            case "GET /v1/instances/box/execs" ->
                "[{\"exec_id\":\"exec-1\",\"command\":[\"a\"],\"pid\":1,"
                        + "\"started_at\":\"2026-01-02T03:04:05Z\",\"tty\":false,\"detached\":true}]";
            case "GET /v1/instances/box" -> instance("inst-1", "\"box\"");
            case "GET /v1/instances/inst-2" -> instance("inst-2", "null").replace("running", "stopped");
            case "GET /v1/instances/box/files/list?path=%2F" ->
                file("etc", "directory") + file("srv", "directory") + file("init", "file") + file("$(x)", "file");
            case "GET /v1/instances/box/files/list?path=%2Fsrv%2F" -> file("notes.txt", "file");
            default -> throw new IllegalArgumentException(request);
        };
        if (request.contains("/files/list")) {
            return ScriptedDaemon.chunk(body);
        }
        return ScriptedDaemon.json(body);
    }

    private static String instance(String id, String handle) {
        return "{\"id\":\"" + id + "\",\"state\":\"running\",\"enabled\":true,\"command\":[],\"handle\":" + handle
                + ",\"exposes\":[],\"endpoints\":[],\"created_at\":\"2026-01-02T03:04:05Z\",\"memory_mb\":512,\"vcpus\":1,"
                + "\"active_connections\":0}";
    }

    private static String file(String name, String type) {
        return "{\"name\":\"" + name + "\",\"type\":\"" + type + "\",\"size\":1,\"mode\":\"0644\",\"uid\":0,\"gid\":0,"
                + "\"modified_at\":\"2026-01-02T03:04:05Z\"}\n";
    }

    /** What follows the words, without the help behind it; {@code _} is the empty word. */
    private List<String> complete(String words) {
        List<String> call = new ArrayList<>(List.of("__complete"));
        for (String word : words.split(" ", -1)) {
            call.add(word.equals("_") ? "" : word);
        }
        Call answered = Call.at(home, call.toArray(String[]::new));
        assertThat(answered.exitCode()).isZero();
        assertThat(answered.err()).isEmpty();
        return answered.out().lines().map(line -> line.split("\t", -1)[0]).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "st, status start stats stop",
        "in, instance inspect",
        "image _, pull list delete prune load save --help",
        "image pull _, debian:12 debian:13",
        "image pull d, debian:12 debian:13",
        "image pull --, --quiet --json --help",
        "image delete debian:12 _, debian:12 debian:13",
        "image load _, :files",
        "instance st, start stats stop",
        "instance start --m, --memory",
        "instance start --memory 2, 256M 2G",
        "instance start --memory=2, --memory=256M --memory=2G",
        "run --secret _, API_KEY",
        "run --secret=A, --secret=API_KEY",
        "run --image debian:13 --idle-stop n, never",
        "run --workspace _, :directories",
        "run --env A=b --cp, --cpus",
        "run --name _, ''",
        "run -- _, :command",
        "run -it --image _, debian:12 debian:13",
        "exec _, ps attach kill box inst-2",
        "exec -i _, box inst-2",
        "exec box _, --env --env-file --workdir --user --timeout --interactive --tty --detach --snapshot --json --help --",
        "exec ps _, box inst-2",
        "exec kill box _, exec-1",
        "exec kill box exec-1 e, exec-1",
        "shell _, box inst-2",
        "logs --f, --follow",
        "logs --tail 1, 10 100",
        "cp _, box: inst-2: :files",
        "cp f b, box: :files",
        "cp f box:, box:/",
        "cp f box:/, box:/etc/ box:/srv/ box:/init",
        "cp box:/srv/n, box:/srv/notes.txt",
        "cp f inst-2:/, ''",
        "cp f nosuch:/, ''",
        "stop --filter l, label=",
        "secret delete _, API_KEY",
        "secret se, set",
        "completion z, zsh",
        "help instance s, start stats stop",
        "status _, --json --help",
        "start b, box",
        "rm -, --force --filter --quiet --json --help",
        "ps --filter l, label=",
        "help r, run rm rewind rename restart rmi",
        "status now _, --json --help",
        "frobnicate _, ''",
        "__c, ''",
    })
    void followsFromTheTree(String words, String completed) throws IOException {
        try (ScriptedDaemon _ = new ScriptedDaemon(home.resolve("aegisd.sock"), CompletionTest::answer)) {
            String found = String.join(" ", complete(words));
            assertThat(found).isEqualTo(completed);
        }
    }

    @Test
    void startsNothingAndNamesNothingWithoutADaemon() {
        assertThat(complete("instance stop _")).isEmpty();
        assertThat(complete("run --secret _")).isEmpty();
        assertThat(complete("instance stop --")).containsExactly("--filter", "--quiet", "--json", "--help");
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void eachWordComesWithItsHelp() {
        assertThat(Call.at(home, "__complete", "statu").out())
                .isEqualTo("status\tshow whether the daemon is running\n");
    }

    @ParameterizedTest
    @CsvSource({
        "'aegis st', status start stats stop",
        "'aegis image pull ', debian:12 debian:13",
        "'aegis image pull debian:1', 12 13",
        "'aegis image pull --j', --json",
        "'aegis instance start --memory 2', 256M 2G",
        "'aegis instance start --memory=2', 256M 2G",
        "'aegis run --env A=b --c', --cpus",
        "'aegis run --env ''A=b c'' --c', --cpus",
        "'aegis run --secret ', API_KEY",
        "'aegis exec p', ps",
        "'aegis exec kill box ', exec-1",
        "'aegis cp b', box:",
        "'aegis cp f box:', /",
        "'aegis cp f box:/s', /srv/",
        "'aegis instance   stop  box inst', inst-2",
    })
    void bashCompletes(String line, String completed) throws Exception {
        try (ScriptedDaemon _ = new ScriptedDaemon(home.resolve("aegisd.sock"), CompletionTest::answer)) {
            assertThat(bash(line, line.length())).isEqualTo(completed);
        }
    }

    @Test
    void bashCompletesWhereTheCursorIs() throws Exception {
        assertThat(bash("aegis statu --json", "aegis statu".length())).isEqualTo("status");
    }

    /** What bash offers, with an {@code aegis} that asks the code under test in this JVM. */
    private String bash(String line, int cursor) throws Exception {
        Path asked = home.resolve("asked");
        Path answered = home.resolve("answered");
        assertThat(new ProcessBuilder("mkfifo", asked.toString(), answered.toString())
                        .start()
                        .waitFor())
                .isZero();
        Path program = home.resolve("aegis");
        Files.writeString(program, "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + asked + "\nexec cat " + answered + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Path script = Files.writeString(
                home.resolve("script"), Call.of("completion", "bash").out() + """
                # As readline breaks words.
                COMP_LINE=$1 COMP_POINT=$2 COMP_WORDS=() COMP_CWORD=0
                mapfile -t COMP_WORDS < <(grep -oE "'[^']*'|[:=]+|[^[:space:]:=]+" <<<"${1:0:$2}")
                if [[ ${1:0:$2} == *[[:space:]] ]]; then COMP_WORDS+=(''); fi
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _aegis 2>/dev/null
                echo "${COMPREPLY[@]}"
                """);
        ProcessBuilder builder =
                new ProcessBuilder("bash", "--norc", script.toString(), line, Integer.toString(cursor));
        builder.environment().put("PATH", home + ":" + System.getenv("PATH"));
        Process bash = builder.redirectErrorStream(true).start();
        List<String> words = Files.readAllLines(asked);
        Files.writeString(answered, Call.at(home, words.toArray(String[]::new)).out());
        return new String(bash.getInputStream().readAllBytes(), UTF_8).strip();
    }
}
