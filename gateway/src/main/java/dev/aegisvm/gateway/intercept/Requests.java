package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.dial.HttpFields.Field;
import dev.aegisvm.gateway.intercept.HttpInput.Malformed;
import dev.aegisvm.gateway.policy.Destination;

/** The requests of one connection, on their way to the server, with values in their headers. For one thread. */
final class Requests {
    private static final Pattern BASIC = Pattern.compile("(?i:basic) +([A-Za-z0-9+/]+=*)");

    private final Destination destination;
    private final Placeholders placeholders;

    /** @param destination a host of the world, by its name */
    Requests(Destination destination, Placeholders placeholders) {
        this.destination = destination;
        this.placeholders = placeholders;
    }

    /** Reads the head of the next one; nothing where there are no more. */
    Optional<RequestHead> next(HttpInput in) throws IOException {
        try {
            return RequestHead.read(in, destination.host().orElseThrow(), destination.port());
        } catch (Malformed why) {
            throw refusal(why);
        } catch (SSLException ended) {
            // A client of TLS 1.3 says so after it has shaken hands.
            throw new Refusal("a program in the guest closed its connection to " + destination.text()
                    + ", a host with a secret; it may accept only certain certificates. " + ended.getMessage());
        }
    }

    private Refusal refusal(Malformed why) {
        return new Refusal("the request to " + destination.text() + " " + why.getMessage()
                + "; such requests are refused for hosts with a secret");
    }

    /** Sends the head, with values in place of placeholders. */
    void sendHead(RequestHead head, OutputStream out) throws IOException {
        placeholders.refuseIn(head.line(), destination, "in a URL");
        StringBuilder filled = new StringBuilder(head.line()).append("\r\n");
        for (Field field : head.sent()) {
            placeholders.refuseIn(field.name(), destination, "as the name of a header");
            filled.append(field.name()).append(": ").append(filled(field)).append("\r\n");
        }
        out.write(filled.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Who asks for a user and a password gets them in Base64. */
    private String filled(Field field) throws Refusal {
        Matcher basic = BASIC.matcher(field.value());
        if (!field.is("authorization") || !basic.matches()) {
            return placeholders.filled(field.value(), destination);
        }
        try {
            byte[] plain = Base64.getDecoder().decode(basic.group(1));
            String credentials = placeholders.filled(new String(plain, StandardCharsets.ISO_8859_1), destination);
            return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException noBase64) {
            return field.value();
        }
    }

    /** Passes the body on: as long as the head says, and not a byte more. */
    void sendBody(RequestHead head, HttpInput in, OutputStream out) throws IOException {
        Placeholders.Watch look = placeholders.watch(destination);
        HttpInput.Sink sink = (bytes, offset, count) -> {
            look.look(ByteBuffer.wrap(bytes, offset, count));
            out.write(bytes, offset, count);
        };
        try {
            in.copy(new HttpBody(head.body()), sink);
        } catch (Malformed why) {
            throw refusal(why);
        }
    }
}
