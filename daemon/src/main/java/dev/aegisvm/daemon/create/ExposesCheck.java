package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.PublicPorts.Wanted;
import org.jspecify.annotations.Nullable;

/** Turns the ports that a client wants exposed into wishes that make sense, or says what is wrong with them. */
final class ExposesCheck {
    private static final int MOST = 64;

    private ExposesCheck() {}

    static List<Wanted> wanted(List<PortMapping> exposes) {
        checkCount(exposes.size());
        Set<Integer> publicPorts = new HashSet<>();
        List<Wanted> wanted = new ArrayList<>();
        for (PortMapping mapping : exposes) {
            Wanted wish = wish(mapping);
            if (wish.publicPort().isPresent()
                    && !publicPorts.add(wish.publicPort().getAsInt())) {
                throw bad("exposes has the public port " + wish.publicPort().getAsInt() + " twice");
            }
            wanted.add(wish);
        }
        return wanted;
    }

    static void checkCount(int ports) {
        if (ports > MOST) {
            throw bad("an instance can expose at most " + MOST + " ports, not " + ports);
        }
    }

    private static Wanted wish(PortMapping mapping) {
        Integer publicPort = mapping.publicPort();
        return new Wanted(
                port("port", mapping.port()),
                publicPort == null ? OptionalInt.empty() : OptionalInt.of(port("public_port", publicPort)),
                protocol(mapping.protocol()));
    }

    private static int port(String field, int number) {
        if (!PortMapping.isPort(number)) {
            throw bad("exposes." + field + " must be 1.." + PortMapping.MAX_PORT + ", not " + number);
        }
        return number;
    }

    private static PortProtocol protocol(@Nullable String word) {
        return word == null
                ? PortProtocol.HTTP
                : PortProtocol.parse(word)
                        .orElseThrow(() -> bad("exposes.protocol must be one of http, tcp, grpc, not '" + word + "'"));
    }

    private static ApiException bad(String message) {
        return ErrorCode.BAD_REQUEST.refusal(message);
    }
}
