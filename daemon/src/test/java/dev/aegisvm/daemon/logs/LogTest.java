package dev.aegisvm.daemon.logs;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTest {
    private static final LogQuery ALL = LogQueryBuilder.builder().build();

    @TempDir
    Path directory;

    private LogStore store;

    @BeforeEach
    void open() {
        store = new LogStore(directory, new Retention(20_000, 3));
    }

    private static List<LogEntry> read(LogTail tail) throws IOException, InterruptedException {
        List<LogEntry> entries = new ArrayList<>();
        for (List<byte[]> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
            batch.forEach(json -> entries.add(ApiJson.answer(LogEntry.class, json)));
        }
        return entries;
    }

    private List<String> lines(InstanceLog log, LogQuery query) throws IOException, InterruptedException {
        try (LogTail tail = LogTail.open(log, query)) {
            return read(tail).stream().map(LogEntry::line).toList();
        }
    }

    private static void write(InstanceLog log, int from, int to) {
        StreamLog stream = new StreamLog(log, LogStream.STDOUT, null);
        for (int i = from; i < to; i++) {
            byte[] bytes = ("line " + i + "\n").getBytes(StandardCharsets.UTF_8);
            stream.write(bytes, bytes.length, _ -> {});
        }
    }

    private static LogQuery tail(int count) {
        return LogQueryBuilder.builder().tail(OptionalInt.of(count)).build();
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        InstanceLog log = store.of("inst-1");
        assertThat(lines(log, ALL)).isEmpty();
        write(log, 0, 3);
        log.system("process exited (code=0)");
        assertThat(lines(log, ALL)).containsExactly("line 0", "line 1", "line 2", "process exited (code=0)");
        assertThat(lines(log, tail(2))).containsExactly("line 2", "process exited (code=0)");
        assertThat(lines(log, tail(0))).isEmpty();
        assertThat(lines(log, tail(100))).hasSize(4);
    }

    @Test
    void filesAreRotatedAndTheOldestGoes() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 1000);
        assertThat(directory.resolve("inst-1.ndjson")).exists();
        assertThat(directory.resolve("inst-1.ndjson.2")).exists();
        assertThat(directory.resolve("inst-1.ndjson.3")).doesNotExist();
        List<String> kept = lines(log, ALL);
        assertThat(kept.getLast()).isEqualTo("line 999");
        assertThat(kept).hasSizeBetween(300, 600).doesNotHaveDuplicates();
        assertThat(kept.getFirst()).isEqualTo("line " + (1000 - kept.size()));
        assertThat(lines(log, tail(300))).hasSize(300).last().isEqualTo("line 999");
    }

    @Test
    void anotherDaemonReadsOn() throws Exception {
        write(store.of("inst-1"), 0, 500);
        store.close();
        // Killed in the middle of an entry.
        Files.writeString(directory.resolve("inst-1.ndjson"), "{\"ts\":", StandardOpenOption.APPEND);
        LogStore next = new LogStore(directory, new Retention(20_000, 3));
        write(next.of("inst-1"), 500, 510);
        List<String> kept = lines(next.of("inst-1"), ALL);
        assertThat(kept).doesNotHaveDuplicates().last().isEqualTo("line 509");
        assertThat(kept.getFirst()).isEqualTo("line " + (510 - kept.size()));
        assertThat(lines(next.of("inst-1"), tail(12))).first().isEqualTo("line 498");
    }

    @Test
    void aFollowerLosesAndDoublesNothing() throws Exception {
        LogStore large = new LogStore(directory, new Retention(100_000, 5));
        InstanceLog log = large.of("inst-1");
        write(log, 0, 100);
        try (LogTail tail =
                LogTail.open(log, LogQueryBuilder.builder().follow(true).build())) {
            CompletableFuture<List<LogEntry>> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(tail);
                } catch (IOException | InterruptedException failure) {
                    throw new IllegalStateException(failure);
                }
            });
            for (int i = 100; i < 3000; i += 10) {
                write(log, i, i + 10);
                Thread.onSpinWait();
            }
            log.close();
            List<String> got = reading.join().stream().map(LogEntry::line).toList();
            // Whatever it missed, it was told of; nothing came twice.
            assertThat(got).doesNotHaveDuplicates().last().isEqualTo("line 2999");
            long missed = got.stream()
                    .filter(line -> line.contains("are missing"))
                    .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                    .sum();
            long told = got.stream().filter(line -> line.startsWith("line ")).count();
            assertThat(told + missed).isEqualTo(3000);
        }
    }

    @Test
    void aFollowerThatFallsOutIsToldHowManyItMissed() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 10);
        try (LogTail tail = LogTail.open(log, ALL)) {
            assertThat(tail.next()).hasSize(10);
            write(log, 10, 5000);
            List<String> rest = read(tail).stream().map(LogEntry::line).toList();
            assertThat(rest).as("the file that was being read, to its end").startsWith("line 10", "line 11");
            String gap = rest.stream()
                    .filter(line -> line.matches("\\d+ log entries are missing: they were deleted"))
                    .findFirst()
                    .orElseThrow();
            int at = rest.indexOf(gap);
            int missed = Integer.parseInt(gap.split(" ", -1)[0]);
            assertThat(rest.get(at + 1)).isEqualTo("line " + (10 + at + missed));
            assertThat(rest).last().isEqualTo("line 4999");
        }
    }

    @Test
    void aFollowerCanBeCancelled() throws Exception {
        InstanceLog log = store.of("inst-1");
        LogTail tail = LogTail.open(log, LogQueryBuilder.builder().follow(true).build());
        CompletableFuture<List<LogEntry>> reading = CompletableFuture.supplyAsync(() -> {
            try {
                return read(tail);
            } catch (IOException | InterruptedException failure) {
                throw new IllegalStateException(failure);
            }
        });
        tail.cancel();
        assertThat(reading.join()).isEmpty();
        tail.close();
    }

    @Test
    void entriesOfOneExecOrSinceATime() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 5);
        byte[] bytes = "by the exec\n".getBytes(StandardCharsets.UTF_8);
        new StreamLog(log, LogStream.STDERR, "exec-1").write(bytes, bytes.length, _ -> {});
        write(log, 5, 8);
        LogQuery ofExec =
                LogQueryBuilder.builder().execId(Optional.of("exec-1")).build();
        assertThat(lines(log, ofExec)).containsExactly("by the exec");
        LogQuery lastOfExec = LogQueryBuilder.builder()
                .tail(OptionalInt.of(3))
                .execId(Optional.of("exec-1"))
                .build();
        assertThat(lines(log, lastOfExec)).containsExactly("by the exec");
        LogQuery later = LogQueryBuilder.builder()
                .since(Optional.of(Instant.now().plusSeconds(9)))
                .build();
        assertThat(lines(log, later)).isEmpty();
    }

    @Test
    void aLineOfManyMegabytesComesInPieces() throws Exception {
        InstanceLog log = new LogStore(directory, new Retention(50_000_000, 3)).of("inst-1");
        StreamLog stream = new StreamLog(log, LogStream.STDOUT, null);
        byte[] chunk = "€".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 100; i++) {
            stream.write(chunk, chunk.length, _ -> {});
        }
        stream.write(new byte[] {'\n'}, 1, _ -> {});
        try (LogTail tail = LogTail.open(log, ALL)) {
            List<LogEntry> pieces = read(tail);
            StringBuilder whole = new StringBuilder();
            pieces.forEach(piece -> whole.append(piece.line()));
            assertThat(whole.toString()).isEqualTo("€".repeat(1_000_000));
            assertThat(pieces.subList(0, pieces.size() - 1))
                    .allSatisfy(piece -> assertThat(piece.partial()).isTrue());
            assertThat(pieces.getLast().partial()).isNull();
        }
    }

    @Test
    void bytesThatAreNoTextBecomeReplacements() throws Exception {
        InstanceLog log = store.of("inst-1");
        StreamLog stream = new StreamLog(log, LogStream.STDOUT, null);
        byte[] odd = {'a', (byte) 0xff, (byte) 0xc3, '\n', (byte) 0xe2, (byte) 0x82};
        stream.write(odd, odd.length, _ -> {});
        stream.write(new byte[] {(byte) 0xac}, 1, _ -> {});
        stream.end(_ -> {});
        assertThat(lines(log, ALL)).containsExactly("a\uFFFD\uFFFD", "€");
    }

    @Test
    void deleteRemovesEveryFile() throws Exception {
        write(store.of("inst-1"), 0, 2000);
        store.delete("inst-1");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void nothingThatAGuestPrintsStopsTheLog() throws Exception {
        InstanceLog log = new LogStore(directory, new Retention(100_000_000, 3)).of("inst-1");
        StreamLog stream = new StreamLog(log, LogStream.STDOUT, null);
        Random random = new Random(3);
        byte[] chunk = new byte[32_768];
        for (int i = 0; i < 200; i++) {
            random.nextBytes(chunk);
            if (i % 2 == 0) {
                byte[] smileys = "😀".repeat(8000).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(smileys, 0, chunk, i % 7, smileys.length);
            }
            stream.write(chunk, chunk.length, _ -> {});
        }
        stream.write(new byte[200_000], 200_000, _ -> {});
        stream.end(_ -> {});
        assertThat(lines(log, ALL).getLast()).endsWith("\0\0\0");
    }

    @Test
    void aSourceAndATimeNarrowItDown() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 2);
        log.system("paused");
        byte[] bytes = "of an exec\n".getBytes(StandardCharsets.UTF_8);
        new StreamLog(log, LogStream.STDOUT, "exec-1").write(bytes, bytes.length, _ -> {});
        assertThat(lines(log, ofSource(LogSource.SERVER))).containsExactly("line 0", "line 1");
        assertThat(lines(log, ofSource(LogSource.SYSTEM))).containsExactly("paused");
        assertThat(lines(log, ofSource(LogSource.EXEC))).containsExactly("of an exec");
        Instant between = Instant.now();
        write(log, 2, 3);
        assertThat(lines(
                        log,
                        LogQueryBuilder.builder().until(Optional.of(between)).build()))
                .hasSize(4);
        assertThat(lines(
                        log,
                        LogQueryBuilder.builder().since(Optional.of(between)).build()))
                .containsExactly("line 2");
        assertThat(lines(
                        log,
                        LogQueryBuilder.builder()
                                .until(Optional.of(between))
                                .tail(OptionalInt.of(1))
                                .build()))
                .containsExactly("of an exec");
    }

    private static LogQuery ofSource(LogSource source) {
        return LogQueryBuilder.builder().source(Optional.of(source)).build();
    }

    @Test
    void aFollowerEndsWhenItsTimeIsOver() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 2);
        Instant end = Instant.now().plusMillis(200);
        LogQuery query =
                LogQueryBuilder.builder().follow(true).until(Optional.of(end)).build();
        assertThat(lines(log, query)).containsExactly("line 0", "line 1");
        assertThat(Instant.now()).isAfterOrEqualTo(end);
        write(log, 2, 3);
        assertThat(lines(log, query)).as("of a time that is over").containsExactly("line 0", "line 1");
    }

    @Test
    void oldFilesMayBeRemovedAtAnyTime() throws Exception {
        InstanceLog log = store.of("inst-1");
        write(log, 0, 600);
        assertThat(directory.resolve("inst-1.ndjson.2")).exists();
        List<String> before = lines(log, ALL);
        Files.delete(directory.resolve("inst-1.ndjson.2"));
        List<String> after = lines(log, ALL);
        assertThat(after).isNotEmpty().isEqualTo(before.subList(before.size() - after.size(), before.size()));
        Files.delete(directory.resolve("inst-1.ndjson.1"));
        write(log, 600, 601);
        assertThat(lines(log, ALL)).endsWith("line 600");
        assertThat(lines(log, tail(1000))).endsWith("line 600");
    }

    @Test
    void aSecretIsHiddenInTheLogAndNotFromWhoeverReadsAlong() throws Exception {
        InstanceLog log = store.of("inst-1");
        log.hide(List.of("s3cret-value"));
        StreamLog stream = new StreamLog(log, LogStream.STDOUT, "exec-1");
        List<byte[]> read = new ArrayList<>();
        // The value lies across the place where a long line is cut into pieces.
        byte[] bytes = ("x".repeat(31_995) + "s3cret-value\nkey=s3cret-value\n").getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, bytes.length, read::addAll);
        assertThat(String.join("", lines(log, ALL))).isEqualTo("x".repeat(31_995) + "[secret]key=[secret]");
        assertThat(read).anyMatch(entry -> new String(entry, StandardCharsets.UTF_8).contains("key=s3cret-value"));
    }
}
