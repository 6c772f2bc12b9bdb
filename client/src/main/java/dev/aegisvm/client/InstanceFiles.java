package dev.aegisvm.client;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.FileView;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.Routes;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of an instance as one of its users sees them, a method for each route. Paths are absolute. It throws what {@link
 * DaemonClient} does.
 */
public final class InstanceFiles {
    private final DaemonClient daemon;
    private final String instance;
    private final @Nullable String user;

    InstanceFiles(DaemonClient daemon, String instance, @Nullable String user) {
        this.daemon = daemon;
        this.instance = instance;
        this.user = user;
    }

    /** The content of a file; a read that the guest cannot finish throws what stood in the way. */
    public InputStream read(String path) throws IOException {
        return daemon.download(target(Routes.READ_FILE, path, ""));
    }

    /**
     * A piece of a file's content.
     *
     * @param offset where it begins, in bytes
     * @param length how long it is at most, in bytes
     */
    public InputStream read(String path, long offset, long length) throws IOException {
        return daemon.download(target(Routes.READ_FILE, path, "&offset=" + offset + "&length=" + length));
    }

    /** Begins to write a file; {@link #written} ends it. */
    public Upload write(String path) throws IOException {
        return daemon.upload(Routes.WRITE_FILE.method(), target(Routes.WRITE_FILE, path, ""));
    }

    /** All of a file has been sent: says what it is now. */
    public static FileView written(Upload upload) throws IOException {
        return ApiJson.answer(FileView.class, upload.finish());
    }

    /** The entries of a directory, each a {@link FileView}. */
    public JsonLines list(String path) throws IOException {
        return daemon.lines(Routes.LIST_FILES.method(), target(Routes.LIST_FILES, path, ""));
    }

    /** What is there; a symlink is followed. */
    public FileView stat(String path) throws IOException {
        return ApiJson.answer(FileView.class, call(Routes.STAT_FILE, path, ""));
    }

    /** Makes a directory, with its parents; it may exist. */
    public void makeDirectories(String path) throws IOException {
        call(Routes.MAKE_DIRECTORY, path, "&parents=true");
    }

    /** Removes a file, a symlink or a directory with all that is in it. */
    public void remove(String path) throws IOException {
        call(Routes.REMOVE_FILE, path, "&recursive=true");
    }

    /** Moves a file or directory, onto what is there. */
    public void move(String path, String to) throws IOException {
        call(Routes.MOVE_FILE, path, "&to=".concat(UrlText.encode(to)));
    }

    /** A file or a tree as a tar stream. */
    public InputStream readTar(String path) throws IOException {
        return daemon.download(target(Routes.READ_TAR, path, ""));
    }

    /** Begins to send a tar stream that is unpacked into a directory; {@link #unpacked} ends it. */
    public Upload writeTar(String into) throws IOException {
        return daemon.upload(Routes.WRITE_TAR.method(), target(Routes.WRITE_TAR, into, ""));
    }

    /** All of a tar stream has been sent: says what was unpacked. */
    public static CopyView unpacked(Upload upload) throws IOException {
        return ApiJson.answer(CopyView.class, upload.finish());
    }

    private byte[] call(Routes route, String path, String more) throws IOException {
        return daemon.call(route.method(), target(route, path, more), null);
    }

    private String target(Routes route, String path, String more) {
        String as = user == null ? "" : "&user=".concat(UrlText.encode(user));
        return route.path(UrlText.encode(instance)) + "?path=" + UrlText.encode(path) + as + more;
    }
}
