package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** What an open connection to a port of a guest can do, in turn with a copier that does no more than it must. */
final class Relay implements Measure {
    private static final int WARM_UP = 20;
    private static final int MOST_TRANSFERS = 5;
    private static final int PIECE = 1 << 16;
    private static final double WISH_ECHO_TIMES = 3;
    private static final int WISH_PERCENT = 80;

    private final List<Double> health = new ArrayList<>();
    private final List<Double> echo = new ArrayList<>();
    private final Rates from = new Rates();
    private final Rates to = new Rates();

    /** MB a second, by who moved the bytes. */
    private record Rates(List<Double> relay, List<Double> copier, List<Double> port) {
        Rates() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        List<Row> rows(String name, String title) {
            Row best = Row.of(name + ".copier", "  a copier in C, without frames", "MB/s", copier);
            Row relayed = Row.of(name, title, "MB/s", relay);
            return List.of(
                    relayed.judged(Verdict.atLeastPercent(WISH_PERCENT, relayed.p50(), best.p50())),
                    best,
                    Row.of(name + ".port", "  the virtio port alone, no TCP in the guest", "MB/s", port));
        }
    }

    @Override
    public String title() {
        return "connections to ports";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client();
                CopierVm copier = CopierVm.start(sandbox)) {
            LoadTarget target = LoadTarget.start(sandbox, client);
            try {
                echoes(target, copier, runs);
                for (int i = 0; i < Math.min(runs, MOST_TRANSFERS); i++) {
                    from.relay.add(received(target));
                    from.copier.add(copier.rate(CopierVm.Wish.FROM_SERVER));
                    from.port.add(copier.rate(CopierVm.Wish.FROM_PORT));
                    to.relay.add(sent(target));
                    to.copier.add(copier.rate(CopierVm.Wish.TO_SERVER));
                    to.port.add(copier.rate(CopierVm.Wish.TO_PORT));
                }
            } finally {
                client.delete(target.id());
            }
        }
        return rows();
    }

    private List<Row> rows() {
        Row bare = Row.of("relay.health", "  `health` of a harness without a daemon, in turn with it", "ms", health);
        Row byOurs = Row.of("relay.echo", "echo of a byte over an open connection", "ms", echo);
        List<Row> rows = new ArrayList<>();
        rows.add(byOurs.judged(Verdict.atMostTimes(WISH_ECHO_TIMES, byOurs.p50(), bare.p50())));
        rows.add(bare);
        rows.addAll(from.rows("relay.from", "256 MiB from the guest over one connection"));
        rows.addAll(to.rows("relay.to", "256 MiB to the guest over one connection"));
        return rows;
    }

    private void echoes(LoadTarget target, CopierVm copier, int runs) throws IOException {
        try (Socket socket = target.connect(LoadTarget.ECHO)) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            for (int i = -WARM_UP; i < runs; i++) {
                long begin = System.nanoTime();
                out.write('x');
                if (in.read() != 'x') {
                    throw new IOException("the byte did not come back");
                }
                double millis = (System.nanoTime() - begin) / 1e6;
                double answered = copier.health();
                if (i >= 0) {
                    echo.add(millis);
                    health.add(answered);
                }
            }
        }
    }

    private static double received(LoadTarget target) throws IOException {
        byte[] piece = new byte[PIECE];
        long begin = System.nanoTime();
        try (Socket socket = target.connect(LoadTarget.SOURCE)) {
            InputStream in = socket.getInputStream();
            long total = 0;
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                total += count;
            }
            if (total != LoadTarget.BYTES) {
                throw new IOException(total + " bytes came of " + LoadTarget.BYTES);
            }
        }
        return LoadTarget.rate(begin);
    }

    private static double sent(LoadTarget target) throws IOException {
        byte[] piece = new byte[PIECE];
        long begin = System.nanoTime();
        try (Socket socket = target.connect(LoadTarget.SINK)) {
            OutputStream out = socket.getOutputStream();
            for (long total = 0; total < LoadTarget.BYTES; total += PIECE) {
                out.write(piece);
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() != '!') {
                throw new IOException("the guest did not take it all");
            }
        }
        return LoadTarget.rate(begin);
    }
}
