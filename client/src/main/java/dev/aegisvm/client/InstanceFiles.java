package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.host.Draft;
import org.jspecify.annotations.Nullable;

/** The files of an instance, as a user of its guest (null: root); paths are absolute. Throws what a client does. */
public record InstanceFiles(
        DaemonClient daemon, String instance, @Nullable String user) {
    /** A piece of a file's content, from this offset on and at most so long, in bytes. */
    public InputStream read(String path, long offset, long length) throws IOException {
        return daemon.download(
                at(Routes.READ_FILE, path).query("offset", offset).query("length", length));
    }

    /** The same, in memory. */
    public byte[] bytes(String path, long offset, int length) throws IOException {
        try (InputStream content = read(path, offset, length)) {
            return content.readAllBytes();
        }
    }

    /** Writes a file, with the directories above it. */
    public FileView write(String path, byte[] content) throws IOException {
        return daemon.call(at(Routes.WRITE_FILE, path).flag("parents", true).content(content));
    }

    /** The entries of a directory, each a {@link FileView}. */
    public JsonLines list(String path) throws IOException {
        return daemon.lines(at(Routes.LIST_FILES, path));
    }

    /** What is there; a symlink is followed. */
    public FileView stat(String path) throws IOException {
        return daemon.call(at(Routes.STAT_FILE, path));
    }

    /** Makes a directory, with its parents; it may exist. */
    public void makeDirectories(String path) throws IOException {
        daemon.json(at(Routes.MAKE_DIRECTORY, path).flag("parents", true));
    }

    public InputStream readTar(String path) throws IOException {
        return daemon.download(at(Routes.READ_TAR, path));
    }

    /** Sends a tar stream that is unpacked into a directory; {@code sent} counts its bytes. */
    public CopyView writeTar(String into, Draft.Content tar, AtomicLong sent) throws IOException {
        return daemon.upload(at(Routes.WRITE_TAR, into), tar, sent);
    }

    private <A> RouteCall<A> at(Route<?, A> route, String path) {
        return route.to(instance).query("path", path).query("user", user);
    }
}
