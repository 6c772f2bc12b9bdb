package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.FileContent;
import dev.aegisvm.daemon.guest.FileEntry;
import dev.aegisvm.daemon.guest.FileFailure;
import dev.aegisvm.daemon.guest.FileListing;
import dev.aegisvm.daemon.guest.FileReplacement;
import dev.aegisvm.daemon.guest.FileStat;
import dev.aegisvm.daemon.guest.GuestFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.OptionalInt;

/** Files of a guest, one at a time. Like an exec, each call wakes a paused instance. */
final class FilesHandler {
    private static final System.Logger LOG = System.getLogger(FilesHandler.class.getName());
    private static final int PIECE = 64 * 1024;

    private final Processes processes;

    FilesHandler(Processes processes) {
        this.processes = processes;
    }

    void read(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        long offset = FileQueries.bytes(exchange, "offset").orElse(0);
        var length = FileQueries.bytes(exchange, "length");
        try (FileContent content = files(exchange).read(path.value(), offset, length)) {
            ByteAnswer answer = exchange.bytes("application/octet-stream");
            copy(content.in(), answer);
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    private static void copy(InputStream content, ByteAnswer answer) {
        sending(answer, out -> {
            byte[] piece = new byte[PIECE];
            for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
                out.write(piece, 0, count);
            }
        });
    }

    void list(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try (FileListing listing = files(exchange).list(path.value())) {
            sending(exchange.bytes("application/x-ndjson"), out -> {
                for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                    FileEntry entry = next.get();
                    out.write(ApiJson.write(FileViews.of(entry.name(), entry.stat())));
                    out.write('\n');
                }
            });
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    /** What writes the body of an answer. */
    interface Sender {
        void send(OutputStream out) throws IOException;
    }

    /** Writes an answer to its end; says why when it breaks off. */
    static void sending(ByteAnswer answer, Sender sender) {
        try {
            try {
                sender.send(answer.out());
                answer.end();
            } catch (FileFailure failure) {
                answer.breakOff(FileRefusal.of(failure).error());
            }
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "reading files: " + left.getMessage());
        }
    }

    void write(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        OptionalInt mode = FileQueries.mode(exchange);
        GuestFiles files = files(exchange);
        try {
            if (exchange.flag("parents")) {
                files.makeDirectory(path.parent().value(), OptionalInt.empty(), true);
            }
            try (FileReplacement replacement = files.write(path.value(), mode, Optional.empty())) {
                exchange.content().transferTo(replacement.out());
                exchange.answer(200, FileViews.of(path.name(), replacement.finish()));
            }
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    void stat(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        boolean follow = !exchange.flag("nofollow");
        FileStat stat = calling(() -> files(exchange).stat(path.value(), follow));
        exchange.answer(200, FileViews.of(path.name(), stat));
    }

    void makeDirectory(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        OptionalInt mode = FileQueries.mode(exchange);
        boolean parents = exchange.flag("parents");
        calling(() -> {
            files(exchange).makeDirectory(path.value(), mode, parents);
            return path;
        });
        exchange.answer(200, new ActionView("made"));
    }

    void remove(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        boolean recursive = exchange.flag("recursive");
        calling(() -> {
            files(exchange).remove(path.value(), recursive);
            return path;
        });
        exchange.answer(200, new ActionView("removed"));
    }

    void move(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        GuestPath to = FileQueries.path(exchange, "to");
        boolean replace = !exchange.flag("keep");
        calling(() -> {
            files(exchange).rename(path.value(), to.value(), replace);
            return to;
        });
        exchange.answer(200, new ActionView("moved"));
    }

    private interface Call<R> {
        R call() throws IOException;
    }

    private static <R> R calling(Call<R> call) throws ApiException {
        try {
            return call.call();
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    private GuestFiles files(Exchange exchange) {
        Processes.Target target = exchange.hold(processes.forFiles(exchange.ref()));
        return target.vm().guest().files(FileQueries.user(exchange));
    }
}
