package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.mcp.process.Excerpt.Shown;
import org.jspecify.annotations.Nullable;

/** An output as it comes, of which only what goes into an answer is held. Bytes may be written by one thread at a time. */
public final class Excerpted {
    private static final String LONG =
            "only 4 MiB of this output are kept, not its middle: run the command again with its output in a file";

    private final Excerpt wanted;
    private final long from;
    /** As many of the first bytes as an answer has at most. */
    private final ByteArrayOutputStream first = new ByteArrayOutputStream();
    /** The latest, as many as an answer has of the end, and up to as many before. */
    private final byte[] latest;

    private final @Nullable PickedLines lines;
    private int filled;
    private long passed;
    private long lostFirst;
    private long lost;
    private long lineEnds;

    /** @param from how many bytes of the output are before it */
    public Excerpted(Excerpt wanted, long from) {
        this.wanted = wanted;
        this.from = from;
        this.latest = new byte[2 * wanted.ofEnd()];
        this.lines = wanted.picks() ? new PickedLines(wanted) : null;
    }

    /** Takes all of some bytes. */
    public synchronized void write(byte[] bytes) {
        if (lost == lostFirst) {
            first.write(bytes, 0, Math.min(bytes.length, wanted.maxBytes() - first.size()));
        }
        int take = Math.min(bytes.length, wanted.ofEnd());
        if (filled + take > latest.length) {
            System.arraycopy(latest, filled - wanted.ofEnd(), latest, 0, wanted.ofEnd());
            filled = wanted.ofEnd();
        }
        System.arraycopy(bytes, bytes.length - take, latest, filled, take);
        filled += take;
        if (lines != null) {
            lines.write(bytes);
        }
        for (byte each : bytes) {
            lineEnds += each == '\n' ? 1 : 0;
        }
        passed += bytes.length;
    }

    /** The next bytes are not kept any more. */
    synchronized void lost(long bytes) {
        if (passed == 0) {
            lostFirst = bytes;
        } else if (bytes > 0) {
            filled = 0;
        }
        passed += bytes;
        lost += bytes;
        if (lines != null && bytes > 0) {
            lines.write(new byte[] {'\n'});
        }
    }

    synchronized long end() {
        return from + passed;
    }

    /** What is said where the daemon does not keep all of it; null where it does. */
    @Nullable
    synchronized String note() {
        return passed > Outputs.MAX_KEPT ? LONG : null;
    }

    public synchronized long lines() {
        return lineEnds + (filled > 0 && latest[filled - 1] != '\n' ? 1 : 0);
    }

    /** The first of its lines, as many as an answer has; of the first alone, as much as fits. */
    public synchronized String firstLines() {
        String text = wanted.readable(beginning());
        int end = text.lastIndexOf('\n') + 1;
        return first.size() == passed ? text : end == 0 ? text + "…" : text.substring(0, end);
    }

    synchronized String beginning() {
        return first.toString(StandardCharsets.UTF_8);
    }

    public synchronized Shown shown() {
        byte[] begin = first.toByteArray();
        if (Excerpt.isBinary(beginning())) {
            return new Shown(Excerpt.binary(begin, passed), from, end());
        }
        if (lines != null) {
            String unseen = lost == 0
                    ? ""
                    : "[… " + lost + " bytes are not kept any more: not looked at, and not in the line numbers …]\n";
            return new Shown(unseen + lines.text(), 0, 0);
        }
        String lost = lostFirst == 0 ? "" : "[… " + lostFirst + " bytes before this are not kept any more …]\n";
        if (lostFirst + begin.length == passed) {
            String text = new String(begin, StandardCharsets.UTF_8);
            // The bytes of what is no text are kept for a reader that wants them.
            long left = text.indexOf('\ufffd') < 0 ? end() : from + lostFirst;
            return new Shown(lost + wanted.readable(text), left, end());
        }
        int head = Excerpt.whole(begin, Math.min(begin.length, wanted.maxBytes() - wanted.ofEnd()));
        int kept = Math.min(filled, wanted.ofEnd());
        int cut = Excerpt.lineBegin(latest, filled - kept, filled);
        long left = from + lostFirst + head;
        long next = end() - (filled - cut);
        String text = lost + wanted.readable(new String(begin, 0, head, StandardCharsets.UTF_8)) + "\n[… "
                + (next - left) + " of " + passed + " bytes are left out here, from " + left
                + " on …]\n" + wanted.readable(new String(latest, cut, filled - cut, StandardCharsets.UTF_8));
        return new Shown(text, left, next);
    }

    /** The last of the lines that are wanted, as many as fit. */
    private static final class PickedLines {
        /** Of one line, in bytes as it is looked at. */
        private static final int MAX_LINE_BYTES = 1 << 16;

        private static final int MAX_LINES = 10_000;

        private final Excerpt wanted;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private final Deque<String> picked = new ArrayDeque<>();
        /** How long lines were looked at, in nanoseconds. */
        private long looked;

        private int number;
        private int found;
        private int size;

        PickedLines(Excerpt wanted) {
            this.wanted = wanted;
        }

        void write(byte[] bytes) {
            int begin = 0;
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] == '\n') {
                    take(bytes, begin, at);
                    pick();
                    begin = at + 1;
                }
            }
            take(bytes, begin, bytes.length);
        }

        private void take(byte[] bytes, int from, int to) {
            line.write(bytes, from, Math.clamp(to - from, 0, MAX_LINE_BYTES - line.size()));
        }

        private void pick() {
            String text = wanted.readable(line.toString(StandardCharsets.UTF_8)).replaceFirst("\r$", "");
            line.reset();
            number++;
            Pattern grep = wanted.grep();
            long since = System.nanoTime() - looked;
            boolean isWanted = grep == null || Excerpt.isIn(text, grep, since);
            looked = System.nanoTime() - since;
            if (isWanted) {
                found++;
                picked.add((grep == null ? "" : number + ":") + Excerpt.cut(text) + "\n");
                size += picked.getLast().length();
            }
            while (picked.size() > most() || (size > wanted.maxBytes() && picked.size() > 1)) {
                size -= picked.removeFirst().length();
            }
        }

        private int most() {
            return wanted.tail() == null ? MAX_LINES : wanted.tail();
        }

        String text() {
            if (line.size() > 0) {
                pick();
            }
            int left = (wanted.tail() == null ? found : Math.min(found, most())) - picked.size();
            return (left == 0 ? "" : "[… " + left + " earlier lines are left out …]\n") + String.join("", picked);
        }
    }
}
