package dev.aegisvm.daemon.router;

/** Finds out when a client has sent what a server can answer: all headers of a request, and where it is no HTTP, anything. */
final class FirstRequest {
    /** Common servers read no more. */
    private static final int MAX_HEAD = 65_536;

    private final boolean http;
    private int seen;
    private boolean lineIsEmpty;
    private boolean whole;

    FirstRequest(boolean http) {
        this.http = http;
    }

    /** @param count how many of these bytes it sends next */
    boolean isWhole(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count && !whole; i++) {
            take(bytes[i]);
        }
        return whole;
    }

    private void take(byte next) {
        boolean noMethod = seen == 0 && (next < 'A' || next > 'Z');
        boolean end = next == '\n' && lineIsEmpty;
        seen++;
        whole = !http || noMethod || end || seen > MAX_HEAD;
        lineIsEmpty = next == '\n' || (next == '\r' && lineIsEmpty);
    }
}
