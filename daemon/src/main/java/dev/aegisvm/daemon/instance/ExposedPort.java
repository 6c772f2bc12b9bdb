package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.PortMapping.PortProtocol;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port of the guest that a port of the host stands for, from the instance's creation to its deletion.
 *
 * @param guestPort 1..65535
 * @param publicPort 1..65535; no two instances have the same
 */
public record ExposedPort(int guestPort, int publicPort, PortProtocol protocol) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5}):(\\d{1,5})/([a-z]+)");

    /** As {@code --expose} has it: {@code 8080:80/http}. */
    public String text() {
        return publicPort + ":" + guestPort + "/" + protocol.wire();
    }

    /**
     * The port of a {@link #text}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static ExposedPort of(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no exposed port");
        }
        PortProtocol protocol = PortProtocol.parse(parts.group(3))
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' has an unknown protocol"));
        return new ExposedPort(Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(1)), protocol);
    }
}
