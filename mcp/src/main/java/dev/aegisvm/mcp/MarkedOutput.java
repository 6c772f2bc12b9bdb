package dev.aegisvm.mcp;

import module java.base;

/**
 * One output of a snippet. What it writes goes on; after a mark, on a line of its own, follow pictures as base64, each after the
 * mark again, and at last the mark with an exit status. Nobody who does not know the mark can make it.
 */
final class MarkedOutput implements WritableByteChannel {
    /** How many pictures are taken. */
    static final int MOST = 4;

    private static final int MAX_AFTER = MOST * 2 * Picture.MAX_BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Output output;
    private final String mark;
    private final byte[] line;
    /** What may be the beginning of the mark, or has come after it. */
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private boolean past;

    /** @param output gets what is before the mark */
    MarkedOutput(Output output, String mark) {
        this.output = output;
        this.mark = mark;
        this.line = ("\n" + mark).getBytes(StandardCharsets.US_ASCII);
    }

    static String newMark() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public synchronized int write(ByteBuffer bytes) {
        int count = bytes.remaining();
        byte[] more = new byte[count];
        bytes.get(more);
        if (past) {
            hold(more);
        } else {
            held.writeBytes(more);
            byte[] all = held.toByteArray();
            held.reset();
            int at = find(all);
            past = at >= 0;
            int pass = past ? at : all.length - begun(all);
            output.write(ByteBuffer.wrap(all, 0, pass));
            hold(Arrays.copyOfRange(all, pass, all.length));
        }
        if (past) {
            Matcher end = Pattern.compile(mark + " (\\d{1,3})\n").matcher(held.toString(StandardCharsets.US_ASCII));
            if (end.find()) {
                status.complete(Integer.valueOf(end.group(1)));
            }
        }
        return count;
    }

    private void hold(byte[] bytes) {
        held.write(bytes, 0, Math.min(bytes.length, MAX_AFTER - held.size()));
    }

    private int find(byte[] all) {
        for (int at = 0; at + line.length <= all.length; at++) {
            if (all[at] == '\n' && Arrays.equals(all, at, at + line.length, line, 0, line.length)) {
                return at;
            }
        }
        return -1;
    }

    private int begun(byte[] all) {
        for (int count = Math.min(line.length - 1, all.length); count > 0; count--) {
            if (Arrays.equals(all, all.length - count, all.length, line, 0, count)) {
                return count;
            }
        }
        return 0;
    }

    /** Completes with the exit status, where one is told. */
    CompletableFuture<Integer> status() {
        return status;
    }

    /** Nothing follows: gives what was held back on, or the pictures after the mark. */
    synchronized List<Picture> end() {
        List<Picture> pictures = new ArrayList<>();
        if (!past) {
            output.write(ByteBuffer.wrap(held.toByteArray()));
            return pictures;
        }
        for (String one : held.toString(StandardCharsets.US_ASCII).split(mark, -1)) {
            try {
                Picture.of(Base64.getMimeDecoder().decode(one)).ifPresent(pictures::add);
            } catch (IllegalArgumentException statusOrCutOff) {
                past = true;
            }
        }
        return pictures;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
