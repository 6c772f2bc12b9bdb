package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecOutput;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.tool.*;

/** What answers leave out of the outputs of execs: the daemon keeps it, and a cursor tells where it is. */
public final class Outputs {
    /** Of one, in bytes. */
    static final int MAX_KEPT = 4 << 20;

    /** Of a piece, in bytes: more than an answer has. */
    private static final int PIECE = 1 << 20;

    private Outputs() {}

    /** A part of an output. */
    private record Cursor(String instance, String exec, String stream, long from, long to) {
        private static final Pattern FORM =
                Pattern.compile("([^/:]{1,64})/([^/:]{1,64})/(stdout|stderr):(\\d{1,15})(?:-(\\d{1,15}))?");

        static Cursor of(String text) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "there is no output for this cursor",
                        "give a cursor from an answer, or run the command again with grep or tail, or write its output to a file");
            }
            long to = parts.group(5) == null ? Long.MAX_VALUE : Long.parseLong(parts.group(5));
            return new Cursor(parts.group(1), parts.group(2), parts.group(3), Long.parseLong(parts.group(4)), to);
        }

        Cursor between(long begin, long end) {
            return new Cursor(instance, exec, stream, begin, end);
        }

        ExecOutput read(int most, DaemonClient client) throws IOException {
            return client.call(Routes.READ_EXEC
                    .to(instance, exec)
                    .query("stream", stream)
                    .query("cursor", from)
                    .query("length", Math.clamp(to - from, 0, Math.min(most, PIECE)))
                    .flag("mask", true));
        }

        @Override
        public String toString() {
            return instance + "/" + exec + "/" + stream + ":" + from + "-" + to;
        }
    }

    /** The bytes from where a cursor begins as they are, to the next that is not kept. */
    public static byte[] bytes(String from, DaemonClient client) throws IOException {
        Cursor cursor = Cursor.of(from);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ExecOutput piece = cursor.between(cursor.from(), Long.MAX_VALUE).read(MAX_KEPT, client);
        long begin = piece.cursor();
        byte[] bytes = piece.bytes();
        while (bytes.length > 0 && piece.cursor() == begin + all.size() && all.size() < MAX_KEPT) {
            all.writeBytes(bytes);
            piece = cursor.between(begin + all.size(), Long.MAX_VALUE).read(MAX_KEPT - all.size(), client);
            bytes = piece.bytes();
        }
        return all.toByteArray();
    }

    public static String read(McpTool.Call call) throws IOException {
        Excerpt wanted = Excerpt.of(call.arguments());
        Cursor cursor = Cursor.of(call.arguments().required("cursor"));
        ExecOutput piece = cursor.read(wanted.maxBytes() + Excerpt.BEYOND, call.client());
        byte[] bytes = piece.bytes();
        int shown = wanted.fitting(bytes);
        Excerpted text = new Excerpted(wanted, 0);
        text.write(Arrays.copyOf(bytes, shown));
        long lost = piece.cursor() - cursor.from();
        Cursor next = cursor.between(piece.cursor() + shown, Math.min(cursor.to(), piece.written()));
        boolean toEnd = next.from() >= next.to();
        return new PlainAnswer()
                .fact("lost", lost > 0 ? lost : null)
                .fact(toEnd ? "to_end" : "cursor", toEnd ? true : next)
                .with(text.shown().text());
    }
}
