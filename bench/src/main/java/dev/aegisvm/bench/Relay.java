package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** What an open connection to a port of a guest can do. */
final class Relay implements Measure {
    private static final int WARM_UP = 20;
    private static final int MOST_TRANSFERS = 3;
    private static final int PIECE = 1 << 16;

    @Override
    public String title() {
        return "connections to ports";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            LoadTarget target = LoadTarget.start(sandbox, client);
            try {
                int few = Math.min(runs, MOST_TRANSFERS);
                return List.of(
                        Row.of("relay.echo", "echo of a byte over an open connection", "ms", echoes(target, runs)),
                        Row.of(
                                "relay.from",
                                "256 MiB from the guest over one connection",
                                "MB/s",
                                received(target, few)),
                        Row.of("relay.to", "256 MiB to the guest over one connection", "MB/s", sent(target, few)));
            } finally {
                client.delete(target.id());
            }
        }
    }

    private static List<Double> echoes(LoadTarget target, int runs) throws IOException {
        List<Double> times = new ArrayList<>();
        try (Socket socket = target.connect(LoadTarget.ECHO)) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            for (int i = -WARM_UP; i < runs; i++) {
                long begin = System.nanoTime();
                out.write('x');
                if (in.read() != 'x') {
                    throw new IOException("the byte did not come back");
                }
                if (i >= 0) {
                    times.add((System.nanoTime() - begin) / 1e6);
                }
            }
        }
        return times;
    }

    private static List<Double> received(LoadTarget target, int runs) throws IOException {
        List<Double> rates = new ArrayList<>();
        byte[] piece = new byte[PIECE];
        for (int i = 0; i < runs; i++) {
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
            rates.add(rate(begin));
        }
        return rates;
    }

    private static List<Double> sent(LoadTarget target, int runs) throws IOException {
        List<Double> rates = new ArrayList<>();
        byte[] piece = new byte[PIECE];
        for (int i = 0; i < runs; i++) {
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
            rates.add(rate(begin));
        }
        return rates;
    }

    private static double rate(long begin) {
        return LoadTarget.BYTES / 1e6 / ((System.nanoTime() - begin) / 1e9);
    }
}
