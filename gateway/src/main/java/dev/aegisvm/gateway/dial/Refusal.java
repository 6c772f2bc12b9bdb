package dev.aegisvm.gateway.dial;

import module java.base;

/** A refused or ended connection. Its sentence tells the user why, and what to do. */
public final class Refusal extends IOException {
    private static final byte[] ACCESS_DENIED = {0x15, 3, 3, 0, 2, 2, 49};

    public Refusal(String sentence) {
        super(sentence);
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }

    /**
     * What a client can understand of it, by the first bytes that it sent: a page with the sentence for one that speaks
     * HTTP, an alert for one that speaks TLS. Nothing for others, whose connection just ends.
     */
    public byte[] answerTo(ByteBuffer first) {
        if (first.hasRemaining() && first.get(first.position()) == 0x16) {
            return ACCESS_DENIED.clone();
        }
        return HttpHead.isRequest(StandardCharsets.ISO_8859_1.decode(first.duplicate())) ? page() : new byte[0];
    }

    /** For a program in a guest: it knows rules, and no options of ours. */
    public byte[] page() {
        String body = "aegis: " + sentence().replace(" --", " ") + "\n";
        String page = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n" + body;
        return page.getBytes(StandardCharsets.UTF_8);
    }
}
