package dev.aegisvm.daemon.http;

import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.files.TarPacker;
import dev.aegisvm.daemon.files.TarUnpacker;
import dev.aegisvm.daemon.guest.GuestFiles;
import java.io.IOException;

/** Files and trees of a guest as tar streams. */
final class TarHandler {
    private final Processes processes;

    TarHandler(Processes processes) {
        this.processes = processes;
    }

    void read(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try {
            TarPacker packer = new TarPacker(files(exchange), path);
            FilesHandler.sending(exchange.bytes("application/x-tar"), packer::pack);
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    void write(Exchange exchange) {
        GuestPath path = FileQueries.path(exchange);
        try {
            TarUnpacker unpacker = new TarUnpacker(files(exchange), path);
            exchange.answer(200, unpacker.unpack(exchange.content()));
        } catch (IOException failure) {
            throw FileRefusal.of(failure);
        }
    }

    private GuestFiles files(Exchange exchange) {
        Processes.Target target = exchange.hold(processes.forFiles(exchange.ref()));
        return target.vm().guest().files(FileQueries.user(exchange));
    }
}
