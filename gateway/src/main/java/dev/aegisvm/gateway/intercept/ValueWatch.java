package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;

/**
 * What goes to a guest, with a look for values of its instance's secrets: it ends before one, since the guest is not to
 * get it. One that is compressed or encoded is not found. For one thread.
 */
public final class ValueWatch extends FilterOutputStream {
    /** What is shorter is in some answers by chance. */
    private static final int SHORTEST = 8;

    /** The beginning of a value is kept back when it is longer than this, until it is known how it goes on. */
    private static final int SHOWN = 3;

    private final Placeholders secrets;
    private final Consumer<Refusal> found;
    private String kept = "";

    /** @param found is told of a value, before that is thrown */
    public ValueWatch(OutputStream out, Placeholders secrets, Consumer<Refusal> found) {
        super(out);
        this.secrets = secrets;
        this.found = found;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (secrets.known().isEmpty()) {
            out.write(bytes, offset, count);
            return;
        }
        String text = kept + new String(bytes, offset, count, StandardCharsets.ISO_8859_1);
        int begun = 0;
        for (Map.Entry<String, String> one : secrets.known().entrySet()) {
            String value = one.getKey();
            if (value.length() >= SHORTEST && text.contains(value)) {
                Refusal refusal = new Refusal("the answer contained the secret " + one.getValue()
                        + ", so it was cut off; bind secrets to hosts that do not return them");
                found.accept(refusal);
                throw refusal;
            }
            begun = Math.max(begun, value.length() < SHORTEST ? 0 : begun(text, value));
        }
        int passing = text.length() - begun;
        if (kept.isEmpty()) {
            out.write(bytes, offset, passing);
        } else {
            out.write(text.substring(0, passing).getBytes(StandardCharsets.ISO_8859_1));
        }
        kept = text.substring(passing);
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    /** How much of a value the text ends with. */
    private static int begun(String text, String value) {
        for (int count = Math.min(value.length() - 1, text.length()); count > SHOWN; count--) {
            if (text.regionMatches(text.length() - count, value, 0, count)) {
                return count;
            }
        }
        return 0;
    }

    /** There is no more. */
    void end() throws IOException {
        out.write(kept.getBytes(StandardCharsets.ISO_8859_1));
        kept = "";
    }

    @Override
    public void close() throws IOException {
        end();
        out.close();
    }
}
