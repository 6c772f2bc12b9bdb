package dev.aegisvm.gateway.audit;

import module java.base;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.lang.System.Logger.Level;

/**
 * The network log of one instance: NDJSON, in a file that is rotated and one that is older. A guest that makes more lines than
 * are of use to anybody loses some, which the next line counts. For all threads.
 */
public final class AuditLog implements Consumer<AuditLine>, Closeable {
    private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());
    private static final JsonType<AuditLine> JSON = Jsonb.builder().build().type(AuditLine.class);
    private static final int LINES_A_SECOND = 200;

    private final Path file;
    private final long maxBytes;
    private final InstantSource clock;
    private FileChannel writing;
    private long second;
    private int inThisSecond;
    private long missed;

    /**
     * Goes on where an earlier daemon ended.
     *
     * @param file the newest lines; the older ones are beside it, with {@code .1}
     * @param maxBytes of each of the two files; a line may exceed it
     */
    public AuditLog(Path file, long maxBytes, InstantSource clock) throws IOException {
        this.file = file;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.writing = open();
        if (writing.size() > 0) {
            // A daemon that was killed may have left half a line.
            writing.write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private Path older() {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    /** Writes it if there is room; a disk that is full costs the line alone. */
    @Override
    public synchronized void accept(AuditLine line) {
        try {
            write(line);
        } catch (IOException obstacle) {
            missed++;
            LOG.log(Level.WARNING, "cannot write to " + file + ": " + obstacle);
        }
    }

    private void write(AuditLine line) throws IOException {
        long now = clock.instant().getEpochSecond();
        if (now != second) {
            second = now;
            inThisSecond = 0;
        }
        if (++inThisSecond > LINES_A_SECOND) {
            missed++;
            return;
        }
        if (writing.size() >= maxBytes) {
            writing.close();
            Files.move(file, older(), StandardCopyOption.REPLACE_EXISTING);
            writing = open();
        }
        AuditLine counted = missed == 0
                ? line
                : AuditLineBuilder.builder(line).missed(missed).build();
        byte[] json = (JSON.toJson(counted) + "\n").getBytes(StandardCharsets.UTF_8);
        for (ByteBuffer rest = ByteBuffer.wrap(json); rest.hasRemaining(); ) {
            writing.write(rest);
        }
        missed = 0;
    }

    /** The lines that are kept, the oldest first. */
    public List<AuditLine> lines() throws IOException {
        List<AuditLine> lines = new ArrayList<>();
        synchronized (this) {
            read(older(), lines);
            read(file, lines);
        }
        return lines;
    }

    private static void read(Path file, List<AuditLine> lines) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        for (String line : text.lines().filter(line -> !line.isEmpty()).toList()) {
            try {
                lines.add(JSON.fromJson(line));
            } catch (JsonException half) {
                LOG.log(Level.DEBUG, "a line of " + file + " is not whole");
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        writing.close();
    }
}
