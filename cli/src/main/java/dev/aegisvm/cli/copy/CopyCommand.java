package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** {@code aegis cp}: files and trees between this host and a guest. */
public final class CopyCommand {
    static final String NO_FOLLOW = "--no-follow";

    private CopyCommand() {}

    public static Verb verb() {
        Usage usage = Usage.of("copy files and directories to or from an instance")
                .with(
                        "--user USER",
                        "the user of the guest that reads or writes: NAME, UID, NAME:GROUP or UID:GID; root by default")
                .with(NO_FOLLOW, "a path of this host that is a symlink is not followed")
                .operand(Value.of("<from>", Value.Kind.PLACE))
                .operand(Value.of("<to>", Value.Kind.PLACE));
        return new Verb(usage, CopyCommand::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        CopyPlace from = CopyPlace.parse(arguments, arguments.operands().getFirst());
        CopyPlace to = CopyPlace.parse(arguments, arguments.operands().get(1));
        boolean upload = to instanceof CopyPlace.Guest;
        if (upload && from instanceof CopyPlace.Guest) {
            throw arguments.wrong("cannot copy between two guests; use a pipe: aegis cp A:/x - | aegis cp - B:/y");
        }
        if (!((upload ? to : from) instanceof CopyPlace.Guest guest)) {
            throw arguments.wrong("one end has to be a path of an instance: NAME:/path");
        }
        if (to instanceof CopyPlace.Stream && session.console().outIsTerminal()) {
            throw arguments.wrong("stdout is a terminal: write the tar stream to a file or a pipe");
        }
        try (DaemonClient daemon = session.daemon()) {
            InstanceFiles files = new InstanceFiles(daemon, guest.instance(), arguments.value("--user"));
            if (upload) {
                in(from, guest, files, session.console());
            } else {
                out(guest, to, files, session.console());
            }
            return 0;
        }
    }

    private static void in(CopyPlace from, CopyPlace.Guest to, InstanceFiles files, Console console)
            throws IOException {
        CopyPlace.Guest.Target target = from instanceof CopyPlace.Host host
                ? to.target(host, files)
                : new CopyPlace.Guest.Target(to.path(), ".");
        try (Upload<CopyView> upload = files.writeTar(target.directory().value());
                CopyProgress progress = new CopyProgress(console)) {
            OutputStream out = progress.counting(upload.out());
            if (from instanceof CopyPlace.Host host) {
                new HostPacker(out).pack(host.path(), host.followed(), target.name());
            } else {
                console.in().transferTo(out);
            }
            upload.finish();
        }
    }

    private static void out(CopyPlace.Guest from, CopyPlace to, InstanceFiles files, Console console)
            throws IOException {
        try (InputStream tar = files.readTar(from.path().value());
                CopyProgress progress = new CopyProgress(console)) {
            if (to instanceof CopyPlace.Host host) {
                try (HostUnpacker unpacker = host.unpacker(from.path().name())) {
                    Ending.onSignal(unpacker::stop);
                    unpacker.unpack(progress.counting(tar));
                }
                return;
            }
            progress.counting(tar).transferTo(Channels.newOutputStream(console.out()));
        }
    }

    /** Counts the bytes of a copy, and tells a person at a terminal how many there were and how fast. */
    private static final class CopyProgress implements AutoCloseable {
        private static final Duration INTERVAL = Duration.ofMillis(500);
        private static final double MEGA = 1e6;

        private final AtomicLong bytes = new AtomicLong();
        private final long since = System.nanoTime();
        private final StatusLine line;

        CopyProgress(Console console) {
            line = StatusLine.on(console).repeat(this::text, INTERVAL);
        }

        private String text() {
            double seconds = (System.nanoTime() - since) / 1e9;
            double megabytes = bytes.get() / MEGA;
            return String.format(Locale.ROOT, "%.1f MB, %.1f MB/s", megabytes, megabytes / seconds);
        }

        InputStream counting(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    int count = in.read(target, offset, length);
                    bytes.addAndGet(Math.max(0, count));
                    return count;
                }
            };
        }

        OutputStream counting(OutputStream out) {
            return new FilterOutputStream(out) {
                @Override
                public void write(byte[] source, int offset, int length) throws IOException {
                    out.write(source, offset, length);
                    bytes.addAndGet(length);
                }
            };
        }

        @Override
        public void close() {
            line.close();
        }
    }
}
