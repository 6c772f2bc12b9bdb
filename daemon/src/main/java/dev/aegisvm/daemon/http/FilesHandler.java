package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.daemon.exec.*;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.instance.Environment;
import java.lang.System.Logger.Level;

/** Files of a guest. Like an exec, each request wakes a paused instance. */
final class FilesHandler {
    private static final System.Logger LOG = System.getLogger(FilesHandler.class.getName());
    private static final int MAX_MODE = 07777;

    private final Processes processes;

    FilesHandler(Processes processes) {
        this.processes = processes;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.READ_FILE, FilesHandler::refusal, this::read);
        routes.answer(Routes.WRITE_FILE, FilesHandler::refusal, this::write);
        routes.serve(Routes.LIST_FILES, FilesHandler::refusal, this::list);
        routes.answer(Routes.STAT_FILE, FilesHandler::refusal, this::stat);
        routes.answer(Routes.MAKE_DIRECTORY, FilesHandler::refusal, this::makeDirectory);
        routes.answer(Routes.REMOVE_FILE, FilesHandler::refusal, this::remove);
        routes.answer(Routes.MOVE_FILE, FilesHandler::refusal, this::move);
        routes.serve(Routes.READ_TAR, FilesHandler::refusal, this::readTar);
        routes.answer(Routes.WRITE_TAR, FilesHandler::refusal, this::writeTar);
    }

    /** The files of the guest, which is woken: to be called when the request has been read. */
    private GuestFiles files(Exchange exchange) {
        Optional<String> user = exchange.query("user").map(Environment::checkUser);
        Processes.Target target = exchange.hold(processes.forFiles(exchange.ref()));
        return target.vm().guest().files(user);
    }

    private void read(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        long offset = bytes(exchange, "offset").orElse(0L);
        Optional<Long> length = bytes(exchange, "length");
        try (InputStream content = files(exchange).read(path.value(), offset, length)) {
            send(exchange, Routes.READ_FILE, content::transferTo);
        }
    }

    private void list(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        try (FileListing listing = files(exchange).list(path.value())) {
            send(exchange, Routes.LIST_FILES, out -> {
                for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                    FileEntry entry = next.get();
                    out.write(ApiJson.write(view(entry.name(), entry.stat())));
                    out.write('\n');
                }
            });
        }
    }

    private void readTar(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        try (PushbackInputStream tar = new PushbackInputStream(files(exchange).pack(path.value(), path.name()))) {
            // What cannot be opened is refused with its status.
            int first = tar.read();
            if (first >= 0) {
                tar.unread(first);
            }
            send(exchange, Routes.READ_TAR, tar::transferTo);
        }
    }

    /** Writes an answer to its end; says why when it breaks off. */
    private static void send(Exchange exchange, Route<?, ?> route, FileContent content) {
        ByteAnswer answer = exchange.bytes(route);
        try {
            try {
                content.write(answer.out());
                answer.end();
            } catch (FileFailure failure) {
                answer.breakOff(refusal(failure).error());
            } catch (ApiException refusal) {
                answer.breakOff(refusal.error());
            }
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "reading files: " + left.getMessage());
        }
    }

    private FileView write(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        Optional<Integer> mode = mode(exchange);
        boolean parents = exchange.flag("parents");
        GuestFiles files = files(exchange);
        if (parents) {
            files.makeDirectory(path.parent().value(), Optional.empty(), true);
        }
        FileStat written = files.write(path.value(), mode, exchange.content()::transferTo);
        return view(path.name(), written);
    }

    private CopyView writeTar(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        return files(exchange).unpack(path.value(), exchange.content()::transferTo);
    }

    private FileView stat(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        boolean follow = !exchange.flag("nofollow");
        return view(path.name(), files(exchange).stat(path.value(), follow));
    }

    private ActionView makeDirectory(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        Optional<Integer> mode = mode(exchange);
        boolean parents = exchange.flag("parents");
        files(exchange).makeDirectory(path.value(), mode, parents);
        return new ActionView("made");
    }

    private ActionView remove(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        boolean recursive = exchange.flag("recursive");
        files(exchange).remove(path.value(), recursive);
        return new ActionView("removed");
    }

    private ActionView move(Exchange exchange) throws IOException {
        GuestPath path = path(exchange);
        GuestPath to = path(exchange, "to");
        boolean replace = !exchange.flag("keep");
        files(exchange).rename(path.value(), to.value(), replace);
        return new ActionView("moved");
    }

    private static GuestPath path(Exchange exchange) {
        return path(exchange, "path");
    }

    private static GuestPath path(Exchange exchange, String key) {
        return exchange.query(key)
                .map(GuestPath::new)
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                        "the parameter '" + key + "' is missing", "add ?" + key + "=/a/path"));
    }

    private static Optional<Integer> mode(Exchange exchange) {
        return exchange.number("mode", 8, MAX_MODE, "octal, 0 to 7777 such as 644")
                .map(Long::intValue);
    }

    private static Optional<Long> bytes(Exchange exchange, String key) {
        return exchange.number(key, 10, Long.MAX_VALUE, "a number of bytes, 0 or more");
    }

    private static FileView view(String name, FileStat stat) {
        return new FileView(
                name,
                stat.kind().name().toLowerCase(Locale.ROOT),
                stat.size(),
                String.format(Locale.ROOT, "%04o", stat.mode()),
                stat.uid(),
                stat.gid(),
                stat.modified(),
                stat.target().orElse(null));
    }

    /** For a failure of the guest, or of its conversation. */
    static ApiException refusal(IOException failure) {
        FileFailure.Reason reason = failure instanceof FileFailure file ? file.reason() : FileFailure.Reason.OTHER;
        String hint = reason == FileFailure.Reason.READ_ONLY
                ? "write to another path, or start another instance with --workspace DIR:copy"
                : null;
        return reason.code().refusal(String.valueOf(failure.getMessage()), hint, failure);
    }
}
