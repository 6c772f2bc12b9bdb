package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Route;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.testkit.OciImage;
import dev.aegisvm.testkit.Tool;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every example of the API's description, sent to a daemon with real VMs, gets the answer that the description says: its
 * status, its content type, and a body that is what the schema says, line by line where it has lines.
 */
@Tag("vm")
@NotInOuterVm("the words of the API")
class OpenApiTest {
    /** The examples in an order in which what they name is there, each with its operation. Those called "unknown" go last. */
    private static final List<String> STORY =
            """
            status usual, openapi usual, metrics usual
            putSecret usual, putSecret empty, listSecrets usual
            create box, create taken, create noCommand, create unknownField, create noSecret, create noRule, create whole, diffWorkspace named, diffWorkspace usual
            create noProgram, rename named, rename noHandle, list labelled
            create run, create notEphemeral
            list usual, list running, list noState, get usual, get noName, prune week, prune noDuration
            exec usual, exec whole, exec noProgram, exec timeOut, exec terminal, exec stream, exec noCommand
            exec detached, execs usual, getExec usual, getExec noExec, readExec usual, readExec errors, readExec part, readExec noExec
            writeExec usual, writeExec noExec, resizeExec usual, resizeExec noExec, attachExec noUpgrade, attachExec noExec
            logs ofExec, killExec noExec, killExec signal, killExec usual, attachExec stream
            logs usual, logs last, logs follow, logs between, logs badTail
            events usual, events last, events filtered, events follow, events badTail
            network usual, changeNetwork usual, changeNetwork badRule, testNetwork usual, testNetwork noTarget
            exec refused, networkLog usual, networkLog follow, suggestNetwork usual
            createSnapshot usual, createSnapshot taken, listSnapshots usual, getSnapshot usual, getSnapshot noSnapshot
            diff usual, diff since, diff noSnapshot
            fork usual, fork tooMany, pruneSnapshots week, pruneSnapshots nothing
            exportSnapshot usual, exportSnapshot relative, exportSnapshot noSnapshot, importSnapshot usual, importSnapshot none
            rewind usual, rewind noSnapshot, deleteSnapshot usual, deleteSnapshot noSnapshot, saveImage usual, saveImage noName
            create job, changeNetwork job, attach noUpgrade, attach job
            expose usual, expose noPort, unexpose noPort, unexpose usual
            stats usual, allStats usual, keepalive usual, keepalive hour, keepalive tooLong, releaseKeepalive usual
            writeFile usual, writeFile deep, writeFile noFile, readFile usual, readFile part, readFile noFile
            listFiles usual, listFiles noFile, statFile usual, statFile itself, statFile noFile
            makeDirectory usual, makeDirectory deep, makeDirectory noFile, makeDirectory exists
            readTar usual, readTar noFile, writeTar usual, writeTar noFile
            moveFile usual, moveFile noFile
            removeFile usual, removeFile tree, removeFile notEmpty, removeFile noFile
            pause usual, resume usual, start isRunning, delete isRunning
            stop usual, exec isStopped, pause isStopped, resume isStopped
            create otherDisk, create again, disable usual, logs isDisabled, start usual, delete usual
            loadImages usual, loadImages notAbsolute, listImages usual, pullImage usual, pullImage noName
            deleteImage noImage, deleteImage usual, pruneImages usual
            storage usual, pruneStorage week, pruneStorage noDuration
            deleteSecret usual, deleteSecret noSecret
            """.lines().flatMap(line -> List.of(line.split(", ", -1)).stream()).toList();

    private final OpenApiDocument document = new OpenApiDocument();

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private final ApiCaller caller =
            new ApiCaller(home.directory().resolve("aegisd.sock").toAbsolutePath());

    /** Values that examples name and only this run knows. */
    private final Map<String, String> here = new HashMap<>();

    private byte[] tar = {};

    @TempDir
    Path directory;

    @Test
    void everyExampleGetsTheAnswerThatTheDescriptionSays() throws IOException {
        Map<String, OpenApiDocument.Example> examples = document.examples().stream()
                .collect(Collectors.toMap(
                        OpenApiDocument.Example::title, Function.identity(), (one, other) -> one, LinkedHashMap::new));
        List<String> titles = new ArrayList<>(STORY);
        examples.keySet().stream().filter(title -> title.endsWith(" unknown")).forEach(titles::add);
        assertThat(titles).containsExactlyInAnyOrderElementsOf(examples.keySet());
        prepare();
        SoftAssertions all = new SoftAssertions();
        for (String title : titles) {
            all.check(() -> play(Objects.requireNonNull(examples.get(title))));
        }
        all.assertAll();
    }

    /** A daemon whose images are its own, and an archive of an image. */
    private void prepare() throws IOException {
        Path cache = home.ownCache();
        Files.createSymbolicLink(
                cache.resolve("templates"),
                HomeFixture.cache().resolve("templates").toAbsolutePath());
        home.aegis("up").ok();
        // In a new cache, the first start says whether KVM works. That would come before the first example's frames.
        home.aegis("run", "--", "true").ok();
        String archive = directory.resolve("hello.tar").toString();
        OciImage image = BusyboxImage.make(directory.resolve("layout"), "hello");
        Tool.run(
                "skopeo",
                "copy",
                "--quiet",
                image.reference(),
                "docker-archive:" + archive + ":docker.io/library/hello:1");
        here.put("/tmp/hello.tar", archive);
        here.put("/tmp/ready.aegis", directory.resolve("ready.aegis").toString());
    }

    private void play(OpenApiDocument.Example example) throws IOException {
        ApiCaller.Answer answer = send(example);
        assertThat(answer.status()).as("%s: %s", example.title(), answer.text()).isEqualTo(example.status());
        if (answer.status() == 101) {
            checkFrames(example, answer.bytes());
            return;
        }
        assertThat(answer.contentType()).as(example.title()).isEqualTo(example.type());
        if (answer.contentType().equals("application/x-ndjson")) {
            List<String> lines = answer.text().lines().toList();
            assertThat(lines).as(example.title()).isNotEmpty();
            lines.forEach(line -> check(example, line));
        } else if (answer.contentType().equals("application/json")) {
            check(example, answer.text());
        }
        if (answer.status() >= 400) {
            checkRefusal(example, answer);
        }
        remember(example, answer);
    }

    /** A route names every code with which it refuses. */
    private static void checkRefusal(OpenApiDocument.Example example, ApiCaller.Answer answer) {
        Route<?, ?> route = Routes.all().stream()
                .filter(each -> example.operation().route().equals(each.method() + " " + each.template()))
                .findFirst()
                .orElseThrow();
        String code = OpenApiDocument.JSON.readTree(answer.text()).path("code").asString();
        assertThat(Stream.concat(Routes.COMMON.stream(), route.errors().stream())
                        .map(ErrorCode::wire))
                .as(example.title())
                .contains(code);
    }

    private void check(OpenApiDocument.Example example, String json) {
        document.check(example.title(), example.schema(), OpenApiDocument.JSON.readTree(json));
    }

    private void remember(OpenApiDocument.Example example, ApiCaller.Answer answer) {
        switch (example.title()) {
            case "exec detached" ->
                here.put(
                        "exec-1",
                        OpenApiDocument.JSON
                                .readTree(answer.text())
                                .path("exec_id")
                                .asString());
            case "readTar usual" -> tar = answer.bytes();
            case "readFile usual", "readFile part" ->
                assertThat(answer.text()).isEqualTo(example.value().asString());
            default -> {}
        }
    }

    /** The bytes after the switch to {@code aegis-stream}. */
    private void checkFrames(OpenApiDocument.Example example, byte[] bytes) throws IOException {
        List<StreamFrame> frames = new ArrayList<>();
        new StreamFrame.Decoder().feed(ByteBuffer.wrap(bytes), frames::add);
        if (frames.getFirst().type() == StreamFrame.Type.CREATED) {
            checkFrame(example, frames.removeFirst(), "InstanceView");
        }
        assertThat(frames)
                .as(example.title())
                .extracting(StreamFrame::type)
                .startsWith(StreamFrame.Type.STARTED)
                .contains(StreamFrame.Type.STDOUT)
                .endsWith(StreamFrame.Type.EXIT);
        checkFrame(example, frames.getFirst(), "ExecStarted");
        checkFrame(example, frames.getLast(), "ProcessExit");
    }

    private void checkFrame(OpenApiDocument.Example example, StreamFrame frame, String schema) {
        ObjectNode reference = OpenApiDocument.JSON.createObjectNode().put("$ref", "#/components/schemas/" + schema);
        document.check(example.title(), reference, OpenApiDocument.JSON.readTree(frame.text()));
    }

    private ApiCaller.Answer send(OpenApiDocument.Example example) throws IOException {
        String path = example.operation().path();
        List<String> query = new ArrayList<>();
        Map<String, String> headers = new LinkedHashMap<>();
        for (JsonNode parameter : example.operation().parameters()) {
            String name = parameter.path("name").asString();
            String value = document.value(parameter, example.name())
                    .map(found -> here.getOrDefault(found.asString(), found.asString()))
                    .orElse(null);
            if (value == null) {
                continue;
            }
            switch (parameter.path("in").asString()) {
                case "path" -> path = path.replace("{" + name + "}", value);
                case "query" -> query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
                default -> headers.put(name, value);
            }
        }
        headers.put("Connection", headers.containsKey("Upgrade") ? "Upgrade" : "close");
        byte[] body = document.body(example)
                .map(content -> {
                    headers.put("Content-Type", content.getKey());
                    return bytes(content.getValue().path("value"));
                })
                .orElse(new byte[0]);
        String target = query.isEmpty() ? path : path + "?" + String.join("&", query);
        return caller.send(example.operation().method(), target, headers, body, query.contains("follow=true"));
    }

    private byte[] bytes(JsonNode value) {
        if (value.isMissingNode()) {
            return tar;
        }
        String text = value.isString() ? value.asString() : value.toString();
        for (Map.Entry<String, String> each : here.entrySet()) {
            text = text.replace(each.getKey(), each.getValue());
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
