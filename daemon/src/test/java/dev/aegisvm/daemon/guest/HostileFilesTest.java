package dev.aegisvm.daemon.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest says of its files is not believed: each lie fails the one call that it answers. */
@Timeout(30)
class HostileFilesTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int RESET = 6;
    private static final Pattern STREAM = Pattern.compile("\"stream\":(\\d+)");
    private static final String DIRECTORY =
            "{\"type\":\"d\",\"size\":0,\"mode\":493,\"uid\":0,\"gid\":0,\"mtime_ns\":0}";

    private FakeHarness harness;
    private GuestSession session;
    private GuestFiles files;

    @BeforeEach
    void connect() throws Exception {
        harness = FakeHarness.open();
        CompletableFuture<Void> hello = meanwhile(harness::answerHello);
        session = GuestSession.open(harness.hostEnd(), LIMIT);
        files = session.files(Optional.of("me"));
        hello.get();
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../up", "a/b", "/", "", ".", "..", "a\0b"})
    void aNameThatIsNoneEndsTheListing(String name) throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            long stream = streamOf(harness.answer(DIRECTORY));
            harness.send(FakeHarness.DATA, stream, entry('-', "fine"));
            harness.send(FakeHarness.DATA, stream, entry('-', name));
            assertThat(harness.next(RESET).stream()).isEqualTo(stream);
        });

        FileListing listing = files.list("/dir");

        assertThat(listing.next()).map(FileEntry::name).contains("fine");
        assertThatThrownBy(listing::next).isInstanceOf(FileFailure.class).hasMessageContaining("its name is invalid");
        guest.get();
    }

    @Test
    void anEntryThatIsCutOffIsNone() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            long stream = streamOf(harness.answer(DIRECTORY));
            harness.send(FakeHarness.DATA, stream, new byte[] {'-', 0});
            harness.send(FakeHarness.EOF, stream, new byte[0]);
        });

        FileListing listing = files.list("/dir");

        assertThatThrownBy(listing::next).isInstanceOf(FileFailure.class);
        guest.get();
    }

    @Test
    void aListingWithoutAnEndIsOverAtTheDeadline() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            long stream = streamOf(harness.answer(DIRECTORY));
            harness.send(FakeHarness.DATA, stream, entry('-', "one"));
            assertThat(harness.next(RESET).stream()).isEqualTo(stream);
        });

        FileListing listing = files.until(Instant.now().plusSeconds(3)).list("/dir");

        assertThat(listing.next()).map(FileEntry::name).contains("one");
        assertThatThrownBy(listing::next).isInstanceOf(FileFailure.class);
        guest.get();
        assertThat(session.closed()).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"x\",\"size\":0,\"mode\":0,\"uid\":0,\"gid\":0,\"mtime_ns\":0}",
                "{\"type\":\"\",\"size\":0,\"mode\":0,\"uid\":0,\"gid\":0,\"mtime_ns\":0}",
                "{\"type\":\"-\",\"size\":-1,\"mode\":0,\"uid\":0,\"gid\":0,\"mtime_ns\":0}",
                "{\"type\":\"-\",\"size\":0,\"mode\":70000,\"uid\":0,\"gid\":0,\"mtime_ns\":0}"
            })
    void factsThatCannotBeFailTheCall(String facts) throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> harness.answer(facts));

        assertThatThrownBy(() -> files.read("/file", 0, Optional.empty())).isInstanceOf(FileFailure.class);

        guest.get();
        assertThat(session.closed()).isNotDone();
    }

    @Test
    void contentThatBreaksOffIsNoEnd() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            String call = harness.answer(DIRECTORY.replace("\"d\"", "\"-\""));
            assertThat(call).contains("\"method\":\"file_read\"", "\"user\":\"me\"");
            harness.send(FakeHarness.DATA, streamOf(call), "half".getBytes(UTF_8));
            harness.send(RESET, streamOf(call), new byte[] {0, 0, 0, 3});
        });

        InputStream content = files.read("/file", 0, Optional.empty());

        assertThatThrownBy(content::readAllBytes)
                .isInstanceOf(FileFailure.class)
                .hasMessageContaining("cannot read /file as me in the guest");
        guest.get();
    }

    @Test
    void aRefusalInTheMiddleIsWhatTheWriterSees() throws Exception {
        CompletableFuture<Void> guest = meanwhile(
                () -> harness.refuse("{\"code\":-32005,\"message\":\"write: No space\",\"data\":{\"errno\":28}}"));
        byte[] block = new byte[1 << 16];

        AtomicInteger written = new AtomicInteger();

        assertThatThrownBy(() -> files.write("/file", Optional.empty(), out -> {
                    while (written.getAndIncrement() < 100) {
                        out.write(block);
                    }
                }))
                .isInstanceOfSatisfying(
                        FileFailure.class, e -> assertThat(e.reason()).isEqualTo(FileFailure.Reason.NO_SPACE))
                .hasMessage("cannot write /file as me in the guest: no space left on the guest's disk");
        assertThat(written.get()).as("it is the writer who sees it").isLessThanOrEqualTo(100);
        guest.get();
    }

    /** It went on from memory that an earlier version of this program has saved. */
    @Test
    void aHarnessThatDoesNotKnowTreesIsToBeRestarted() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            harness.refuse("{\"code\":-32601,\"message\":\"no method file_pack\"}");
            harness.refuse("{\"code\":-32601,\"message\":\"no method file_unpack\"}");
        });
        String why =
                " as me in the guest: it runs from memory that an older version has saved; stop and start the instance";

        try (var tree = files.pack("/srv", "srv")) {
            assertThatThrownBy(tree::read).hasMessage("cannot pack /srv" + why);
        }
        assertThatThrownBy(() -> files.unpack("/srv", out -> {})).hasMessage("cannot unpack into /srv" + why);
        guest.get();
    }

    /** All that it has sent may look whole; what it answers decides. */
    @Test
    void aTreeThatTheGuestCallsBrokenIsNone() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            String call = harness.next(FakeHarness.CONTROL).text();
            harness.send(FakeHarness.DATA, streamOf(call), new byte[1024]);
            harness.send(FakeHarness.EOF, streamOf(call), new byte[0]);
            harness.say(
                    "{\"jsonrpc\":\"2.0\",\"id\":" + call.replaceAll(".*\"id\":(\\d+).*", "$1")
                            + ",\"error\":{\"code\":-32005,\"message\":\"read\",\"data\":{\"errno\":116,\"path\":\"a\\u001bb\"}}}");
        });

        try (var tree = files.pack("/srv", "srv")) {
            assertThatThrownBy(tree::readAllBytes)
                    .hasMessage(
                            "cannot pack /srv as me in the guest: a?b: it became shorter while it was read; try again");
        }
        guest.get();
    }

    private static long streamOf(String call) {
        Matcher stream = STREAM.matcher(call);
        assertThat(stream.find()).isTrue();
        return Long.parseLong(stream.group(1));
    }

    private static byte[] entry(char type, String name) {
        byte[] bytes = name.getBytes(UTF_8);
        return ByteBuffer.allocate(31 + bytes.length)
                .put((byte) type)
                .putShort((short) 0644)
                .putInt(0)
                .putInt(0)
                .putLong(5)
                .putLong(0)
                .putShort((short) bytes.length)
                .putShort((short) 0)
                .put(bytes)
                .array();
    }

    private interface Step {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> meanwhile(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
