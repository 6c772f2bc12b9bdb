package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecOutput;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.tool.*;
import org.jspecify.annotations.Nullable;

/**
 * What answers leave out, until it is read. The daemon keeps what an exec writes, and a cursor names the exec; of what nothing
 * keeps elsewhere, as the output of an instance that is gone, the beginning is here.
 */
public final class Outputs {
    /** Of one, in bytes. */
    static final int MAX_KEPT = 4 << 20;

    static final String LONG =
            "only 4 MiB of this output are kept, not its middle: run the command again with its output in a file";

    private static final int MAX_OUTPUTS = 16;
    /** Of a piece, in bytes: more than an answer has. */
    private static final int PIECE = 1 << 20;

    private static final Pattern CURSOR = Pattern.compile(
            "(?:(out\\d{1,9})|([^/:]{1,64})/([^/:]{1,64})/(stdout|stderr)):(\\d{1,15})(?:-(\\d{1,15}))?");

    private final Map<String, byte[]> byId = new LinkedHashMap<>();
    private int next;

    /**
     * Where to read on in what an answer leaves out; null when that is nothing.
     *
     * @param exec the instance, the exec and the output that the daemon keeps; null where it keeps none
     */
    @Nullable
    public String cursor(Excerpted output, Excerpt.Shown shown, @Nullable String exec) {
        boolean isWhole = shown.left() == shown.next();
        return isWhole ? null : shown.cursor(exec == null ? keep(output.kept()) : exec);
    }

    private synchronized String keep(byte[] bytes) {
        if (byId.size() >= MAX_OUTPUTS) {
            byId.remove(byId.keySet().iterator().next());
        }
        String id = "out" + ++next;
        byId.put(id, bytes);
        return id;
    }

    private synchronized Optional<byte[]> kept(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Some bytes, from where on they were asked for, where they begin, and where all of them end. */
    @SuppressWarnings("ArrayRecordComponent") // Pieces are not compared.
    record Piece(String output, byte[] bytes, long from, long begin, long to) {
        String cursor(int shown) {
            return output + ":" + (begin + shown) + "-" + to;
        }
    }

    /** @throws ApiException when the cursor leads nowhere (any more) */
    Piece read(String cursor, int most, McpTool.Client clients) throws IOException {
        Matcher parts = CURSOR.matcher(cursor);
        if (!parts.matches()) {
            throw nothing();
        }
        long from = Long.parseLong(parts.group(5));
        long to = parts.group(6) == null ? Long.MAX_VALUE : Long.parseLong(parts.group(6));
        String output = cursor.substring(0, cursor.lastIndexOf(':'));
        if (parts.group(1) != null) {
            byte[] all = kept(output).orElseThrow(Outputs::nothing);
            int end = (int) Math.min(to, all.length);
            int begin = (int) Math.min(from, end);
            return new Piece(
                    output, Arrays.copyOfRange(all, begin, (int) Math.min(end, from + most)), from, begin, end);
        }
        try (DaemonClient client = clients.client()) {
            ExecOutput piece = client.call(Routes.READ_EXEC
                    .to(parts.group(2), parts.group(3))
                    .query("stream", parts.group(4))
                    .query("cursor", from)
                    .query("length", Math.clamp(to - from, 0, Math.min(most, PIECE)))
                    .flag("mask", true));
            return new Piece(output, piece.bytes(), from, piece.cursor(), Math.min(to, piece.written()));
        }
    }

    private static ApiException nothing() {
        return ErrorCode.NOT_FOUND.refusal(
                "there is no output for this cursor (any more)",
                "run the command again with grep or tail, or write its output to a file");
    }

    /** The bytes from where a cursor begins as they are, to the next that is not kept. */
    public byte[] bytes(String cursor, McpTool.Client clients) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Piece piece = read(cursor.replaceFirst("(:\\d+)-\\d+$", "$1"), MAX_KEPT, clients);
        long begin = piece.begin();
        while (piece.bytes().length > 0 && piece.begin() == begin + all.size() && all.size() < MAX_KEPT) {
            all.writeBytes(piece.bytes());
            piece = read(piece.cursor(piece.bytes().length), MAX_KEPT - all.size(), clients);
        }
        return all.toByteArray();
    }

    public String read(McpTool.Call call) throws IOException {
        Excerpt wanted = Excerpt.of(call.arguments());
        Piece piece = read(call.arguments().required("cursor"), wanted.maxBytes() + 4, call::client);
        int shown = Excerpt.whole(piece.bytes(), Math.min(piece.bytes().length, wanted.maxBytes()));
        Excerpted text = Excerpted.of(wanted);
        text.write(ByteBuffer.wrap(piece.bytes(), 0, shown));
        long lost = piece.begin() - piece.from();
        boolean toEnd = piece.begin() + shown >= piece.to();
        return new PlainAnswer()
                .fact("lost", lost > 0 ? lost : null)
                .fact(toEnd ? "to_end" : "cursor", toEnd ? true : piece.cursor(shown))
                .with(text.shown().text());
    }
}
