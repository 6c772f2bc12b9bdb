package dev.aegisvm.gateway.intercept;

import module java.base;

/** What a server answers, on its way to the guest: passed on as it comes, with a look for values that were sent. */
final class Answers {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-9]\\d\\d)(?: .*)?", Pattern.DOTALL);
    private static final int SWITCHING = 101;
    private static final int FIRST_FINAL = 200;
    private static final int LONGEST_LINE = 32 * 1024;

    private final HttpInput in;
    private final ValueWatch out;
    /** Whether the first request's wish for another protocol was granted. */
    private final CompletableFuture<Boolean> switched = new CompletableFuture<>();

    Answers(InputStream in, ValueWatch out) {
        this.in = new HttpInput(in, () -> {});
        this.out = out;
    }

    /** Passes all on; {@code upgrade} completes with whether the first request asks for another protocol. */
    void pass(CompletableFuture<Boolean> upgrade) throws IOException {
        try {
            // A server that says something before it was asked is no server of HTTP, or ends.
            if (in.more() && upgrade.join()) {
                switched.complete(status() == SWITCHING);
            }
            in.copyRest(out::write);
            out.end();
        } finally {
            switched.complete(false);
        }
    }

    /** Whether what follows is of another protocol; waits for the first request's answer. */
    boolean switched() {
        return switched.join();
    }

    /** Passes heads on, up to and with the one that is no mere notice; returns its status, 0 where that is none. */
    private int status() throws IOException {
        while (true) {
            String first = line();
            Matcher parts = STATUS.matcher(first);
            int status = parts.matches() ? Integer.parseInt(parts.group(1)) : 0;
            for (String rest = first; !rest.isEmpty(); ) {
                rest = line();
            }
            if (status == 0 || status == SWITCHING || status >= FIRST_FINAL) {
                return status;
            }
        }
    }

    private String line() throws IOException {
        String line = in.line(LONGEST_LINE);
        out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return line;
    }
}
