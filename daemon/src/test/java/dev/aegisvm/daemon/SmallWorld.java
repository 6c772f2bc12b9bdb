package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.daemon.network.World;
import dev.aegisvm.gateway.intercept.SystemTrust;
import dev.aegisvm.gateway.names.Upstream;
import dev.aegisvm.gateway.policy.Nearby;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** A world with one host, {@code app.test}, which is this machine. Whoever asks for its address can be made to wait. */
final class SmallWorld implements Upstream {
    static final String HOST = "app.test";
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("127.0.0.1");
    private static final Nearby NEARBY = new Nearby(Set::of);

    private volatile CompletableFuture<Void> answers = CompletableFuture.completedFuture(null);

    World world(Home home) throws HomeException {
        return new World(NEARBY, this, Optional.empty(), Config.presets(home), new SystemTrust(Map.of()));
    }

    /** Nobody gets an answer until what is returned completes. */
    CompletableFuture<Void> silence() {
        answers = new CompletableFuture<>();
        return answers;
    }

    @Override
    public CompletableFuture<Answer> ask(Name name, int type) {
        return answers.thenApply(_ -> {
            if (!name.toString().equals(HOST + ".")) {
                return new Answer(Rcode.NXDOMAIN, List.of());
            }
            return new Answer(
                    Rcode.NOERROR, type == Type.A ? List.of(new ARecord(name, DClass.IN, 60, ADDRESS)) : List.of());
        });
    }
}
