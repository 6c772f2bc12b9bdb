package dev.aegisvm.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HintsTest {
    /** Rooms whose messages reach clients. */
    private static final List<String> ROOMS = List.of("api", "client", "daemon", "gateway", "image", "vmm");

    private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*+\"");
    /** Of people at this host alone: the daemon's own options, its checks at the start, and what runs programs. */
    private static final Pattern NOT_FOR_MODELS = Pattern.compile(
            "(Main|HostCheck|DaemonLauncher|DaemonLock|DaemonClient|PackageHosts|Kvm|Passt|QemuBinary"
                    + "|Templates|Finding|ChildStart|RootfsBuilder|MasterKey|SnapshotPack|Suggestion|WorkspacePatch)\\.java");

    private static final Pattern COMMAND_LINE = Pattern.compile("(?<!curl )--[a-z]|aegis [a-z]");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a.test is not in the policy; allow it with --allow a.test:80 | a.test is not in the policy; allow it with allow ['a.test:80']",
                "b is not in the policy; allow it with --allow b; the instance b is called b.aegis | b is not in the policy; allow it with allow ['b']; the instance b is called b.aegis",
                "host.aegis:80 is not in the policy; allow it with --allow host.aegis:80 | host.aegis:80 is not in the policy; a person has to write mcp.allow_host_ports = [80] into config.toml, then allow ['host.aegis:80']",
                "::1 is a loopback address; open it with --allow [::1]:80 | ::1 is a loopback address; a person has to write mcp.allow_host_ports = [80] into config.toml, then allow ['[::1]:80']",
                "a.test resolves to 127.0.0.1; also open that with --allow 127.0.0.1:8080 | a.test resolves to 127.0.0.1; a person has to write mcp.allow_host_ports = [8080] into config.toml, then also allow ['127.0.0.1:8080']",
                "10.0.0.1 is a private address; allow it with --allow 10.0.0.1:80 | 10.0.0.1 is a private address; allow it with allow ['10.0.0.1:80']",
                "stop it, save its disk only with --disk-only, or create it with --workspace DIRECTORY:copy | stop it, or start another with workspace DIRECTORY:copy",
                "give the fork another workspace with --workspace NEW, share it with --share-workspace, or create the instance with --workspace DIRECTORY:copy | start the instance with workspace DIRECTORY:copy",
                "start it with 'aegis instance start --name box' | start it with instance_start with name box",
                "write --network allow, or leave out --allow a.test | write network allow, or leave out allow ['a.test']",
                "allow them with: aegis network allow db from:web | allow them with: instance_network with action allow, name db and rules ['from:web']",
                "create it with --expose, for example --expose 80 | create it with expose, for example expose [80]",
                "does it speak that (curl --http1.1) | does it speak that (curl --http1.1)"
            })
    void aMessageNamesWhatAModelHas(String people, String model) {
        assertThat(Hints.forModel(people)).isEqualTo(model);
    }

    /** Texts in the code of the rooms whose messages models read, that show a command line. */
    private static List<String> commandLines() throws IOException {
        List<String> found = new ArrayList<>();
        for (String room : ROOMS) {
            try (Stream<Path> files = Files.walk(Path.of("..", room, "src", "main", "java"))) {
                for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                        .filter(each -> !NOT_FOR_MODELS.matcher(each.toString()).find())
                        .toList()) {
                    LITERAL.matcher(Files.readString(file))
                            .results()
                            .map(literal ->
                                    literal.group().substring(1, literal.group().length() - 1))
                            .filter(literal -> COMMAND_LINE.matcher(literal).find())
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    /** Rooms name flags where people need them; each has its form for models. */
    @Test
    void noMessageOfTheDaemonShowsAModelACommandLine() throws IOException {
        List<String> all = commandLines();
        Map<String, String> left = new TreeMap<>();
        for (String literal : all) {
            // What the code puts behind it.
            String told = Hints.forModel(literal + (literal.endsWith(" ") ? "X Y" : ""));
            // What stands in these, a person has to do.
            if (COMMAND_LINE.matcher(told.replaceAll("`[^`]*`", "")).find()) {
                left.put(literal, told);
            }
        }
        assertThat(all).hasSizeGreaterThan(30);
        assertThat(left).as("add what these name to hints.txt").isEmpty();
    }

    @Test
    void aWordThatStandsForAnotherIsOnBothSides() {
        Pattern word = Pattern.compile("[A-Z]{3,}");
        for (String line : TextResource.of(Hints.class, "hints.txt").lines().toList()) {
            String[] sides = line.split(" = ", 2);
            if (sides.length > 1) {
                assertThat(word.matcher(sides[1]).results().map(MatchResult::group))
                        .as(line)
                        .isSubsetOf(word.matcher(sides[0])
                                .results()
                                .map(MatchResult::group)
                                .toList());
            }
        }
    }

    @Test
    void aRemedyIsTheHintOrWhatToolsDoInItsPlace() {
        assertThat(Failure.of(ErrorCode.NOT_FOUND.refusal("no", "'aegis instance list' shows what there is"))
                        .remedy())
                .isEqualTo("instance_list shows what there is");
        assertThat(Failure.of(ErrorCode.SNAPSHOTS_FULL.refusal("no", "aegis snapshot prune"))
                        .remedy())
                .startsWith("snapshot with list shows them");
        assertThat(Failure.of(ErrorCode.NOT_FOUND.refusal("no")).remedy()).startsWith("instance_list and secret_list");
        assertThat(Failure.of(ErrorCode.BAD_REQUEST.refusal("'a' is no number")).remedy())
                .isNull();
    }
}
