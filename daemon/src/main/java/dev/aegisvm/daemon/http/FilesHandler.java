package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.FileView;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.api.Routes;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.files.TarPacker;
import dev.aegisvm.daemon.files.TarUnpacker;
import dev.aegisvm.daemon.guest.FileContent;
import dev.aegisvm.daemon.guest.FileFailure;
import dev.aegisvm.daemon.guest.FileListing;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
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

    void addTo(RouteTable routes) {
        routes.serve(Routes.READ_FILE, this::read);
        routes.answer(Routes.WRITE_FILE, this::write);
        routes.serve(Routes.LIST_FILES, this::list);
        routes.answer(Routes.STAT_FILE, this::stat);
        routes.answer(Routes.MAKE_DIRECTORY, this::makeDirectory);
        routes.answer(Routes.REMOVE_FILE, this::remove);
        routes.answer(Routes.MOVE_FILE, this::move);
        routes.serve(Routes.READ_TAR, this::readTar);
        routes.answer(Routes.WRITE_TAR, this::writeTar);
    }

    private void read(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        long offset = FileQueries.bytes(exchange, "offset").orElse(0);
        var length = FileQueries.bytes(exchange, "length");
        try (FileContent content = files(exchange).read(path.value(), offset, length)) {
            ByteAnswer answer = exchange.bytes(Routes.READ_FILE);
            copy(content.in(), answer);
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
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

    private void list(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try (FileListing listing = files(exchange).list(path.value())) {
            sending(exchange.bytes(Routes.LIST_FILES), out -> {
                for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                    FileEntry entry = next.get();
                    out.write(ApiJson.write(FileAnswers.view(entry.name(), entry.stat())));
                    out.write('\n');
                }
            });
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
        }
    }

    /** What writes the body of an answer. */
    private interface Sender {
        void send(OutputStream out) throws IOException;
    }

    /** Writes an answer to its end; says why when it breaks off. */
    private static void sending(ByteAnswer answer, Sender sender) {
        try {
            try {
                sender.send(answer.out());
                answer.end();
            } catch (FileFailure failure) {
                answer.breakOff(FileAnswers.refusal(failure).error());
            }
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "reading files: " + left.getMessage());
        }
    }

    private FileView write(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        OptionalInt mode = FileQueries.mode(exchange);
        GuestFiles files = files(exchange);
        try {
            if (exchange.flag("parents")) {
                files.makeDirectory(path.parent().value(), OptionalInt.empty(), true);
            }
            try (FileReplacement replacement = files.write(path.value(), mode, Optional.empty())) {
                exchange.content().transferTo(replacement.out());
                return FileAnswers.view(path.name(), replacement.finish());
            }
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
        }
    }

    private FileView stat(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        boolean follow = !exchange.flag("nofollow");
        FileStat stat = calling(() -> files(exchange).stat(path.value(), follow));
        return FileAnswers.view(path.name(), stat);
    }

    private ActionView makeDirectory(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        OptionalInt mode = FileQueries.mode(exchange);
        boolean parents = exchange.flag("parents");
        calling(() -> {
            files(exchange).makeDirectory(path.value(), mode, parents);
            return path;
        });
        return new ActionView("made");
    }

    private ActionView remove(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        boolean recursive = exchange.flag("recursive");
        calling(() -> {
            files(exchange).remove(path.value(), recursive);
            return path;
        });
        return new ActionView("removed");
    }

    private ActionView move(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        GuestPath to = FileQueries.path(exchange, "to");
        boolean replace = !exchange.flag("keep");
        calling(() -> {
            files(exchange).rename(path.value(), to.value(), replace);
            return to;
        });
        return new ActionView("moved");
    }

    private interface Call<R> {
        R call() throws IOException;
    }

    private static <R> R calling(Call<R> call) throws ApiException {
        try {
            return call.call();
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
        }
    }

    private void readTar(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try {
            TarPacker packer = new TarPacker(files(exchange), path);
            sending(exchange.bytes(Routes.READ_TAR), packer::pack);
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
        }
    }

    private CopyView writeTar(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try {
            TarUnpacker unpacker = new TarUnpacker(files(exchange), path);
            return unpacker.unpack(exchange.content());
        } catch (IOException failure) {
            throw FileAnswers.refusal(failure);
        }
    }

    private GuestFiles files(Exchange exchange) {
        Processes.Target target = exchange.hold(processes.forFiles(exchange.ref()));
        return target.vm().guest().files(FileQueries.user(exchange));
    }
}
