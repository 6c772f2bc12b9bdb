package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.jspecify.annotations.Nullable;

/**
 * The files of a guest as one of its users sees them. Paths are absolute, and symlinks lead where they lead in the
 * guest; nothing of it touches the host. What does not work fails with a {@link FileFailure}.
 */
public final class GuestFiles {
    /** What the root of a guest is an overlay of; both can be read, listed and archived. */
    public enum Layer {
        /** What it has written; times are those of the last change of any kind. */
        OWN,
        IMAGE
    }

    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    /** A tree of a million files takes its time. */
    private static final Duration TREE_LIMIT = Duration.ofMinutes(10);

    private final Calls calls;
    private final @Nullable String user;
    private final @Nullable String part;
    private final @Nullable Instant deadline;

    GuestFiles(Calls calls, @Nullable String user, @Nullable String part, @Nullable Instant deadline) {
        this.calls = calls;
        this.user = user;
        this.part = part;
        this.deadline = deadline;
    }

    /** The same of a layer alone, where nothing is mounted over it. */
    public GuestFiles of(Layer own) {
        return new GuestFiles(calls, user, own.name().toLowerCase(Locale.ROOT), deadline);
    }

    /** The same, of which no file is read, and no directory listed, any longer: a guest may send slowly for ever. */
    public GuestFiles until(Instant latest) {
        return new GuestFiles(calls, user, part, latest);
    }

    /**
     * Opens a regular file to read it from an offset on, so many bytes at most. Here and below, a read that the guest
     * cannot finish fails with a {@link FileFailure}, also that of the end; closing the stream gives up the rest.
     */
    public InputStream read(String path, long offset, Optional<Long> length) throws IOException {
        Long most = length.orElse(null);
        return content("read " + path, stream -> new ToGuest.FileRead(path, user, stream, offset, most, part));
    }

    public FileListing list(String path) throws IOException {
        return new FileListing(content("list " + path, stream -> new ToGuest.FileList(path, user, stream, part)));
    }

    /** All as a tar stream, as a layer of an image has it; the originals as they are in the image, or not at all. */
    public InputStream archive(List<String> originals) throws IOException {
        return content("read all files", stream -> new ToGuest.FileArchive("/", stream, part, originals));
    }

    /**
     * Writes a file, new or in the place of another, which it takes when all has been written. Here and below, writing
     * content fails as soon as the guest has failed, with a {@link FileFailure} that says why.
     *
     * @param mode absent: that of the file that is replaced, 0644 for a new one
     */
    public FileStat write(String path, Optional<Integer> mode, FileContent content) throws IOException {
        return FileStat.of(begin(
                        "write " + path,
                        Direction.TO_GUEST,
                        stream -> new ToGuest.FileWrite(path, user, stream, mode.orElse(null)))
                .send(content));
    }

    /**
     * A file or a tree as a tar stream, whose bytes are the guest's choice; the names in it begin with a given one. A
     * symlink is followed where the path itself leads.
     */
    public InputStream pack(String path, String name) throws IOException {
        return begin("pack " + path, Direction.FROM_GUEST, stream -> new ToGuest.FilePack(path, user, stream, name))
                .receive(deadline);
    }

    /** Unpacks a tar stream into a directory that exists; what is made belongs to the user. */
    public CopyView unpack(String into, FileContent tar) throws IOException {
        FromGuest.Unpacked made = begin(
                        "unpack into " + into, Direction.TO_GUEST, stream -> new ToGuest.FileUnpack(into, user, stream))
                .send(tar);
        return new CopyView(made.files(), made.directories(), made.symlinks(), made.bytes());
    }

    private <R extends FromGuest.Result> FileTransfer<R> begin(
            String what, Direction direction, LongFunction<ToGuest<R>> call) throws FileFailure {
        return begin(what, streams -> call.apply(streams.open(direction).id()));
    }

    private <R extends FromGuest.Result> FileTransfer<R> begin(String what, Sent.Wish<R> call) throws FileFailure {
        String wish = user == null ? what : what + " as " + user;
        try {
            return new FileTransfer<>(wish, calls.begin(call));
        } catch (CallFailed e) {
            throw FileFailure.of(wish, e);
        }
    }

    /** What is there; without {@code follow} a symlink stands for itself. */
    public FileStat stat(String path, boolean follow) throws IOException {
        return FileStat.of(call("stat " + path, new ToGuest.FileStat(path, user, follow), CALL_LIMIT));
    }

    /** Makes a directory, with mode 0755 where none is given; {@code deep}: with its parents, and it may exist. */
    public void makeDirectory(String path, Optional<Integer> mode, boolean deep) throws IOException {
        ToGuest.FileMkdir call = new ToGuest.FileMkdir(path, user, mode.orElse(null), deep);
        call("make the directory " + path, call, CALL_LIMIT);
    }

    /** Moves a file or directory within its file system; {@code replace}: onto what is there. */
    public void rename(String path, String to, boolean replace) throws IOException {
        call("move " + path + " to " + to, new ToGuest.FileRename(path, user, to, replace), CALL_LIMIT);
    }

    /** Removes a file, a symlink, an empty directory; {@code deep}: a directory with all that is in it. */
    public void remove(String path, boolean deep) throws IOException {
        call("remove " + path, new ToGuest.FileRemove(path, user, deep), deep ? TREE_LIMIT : CALL_LIMIT);
    }

    /** Opens what comes from the guest; blocks until that says what it is. */
    private InputStream content(String what, LongFunction<ToGuest<FromGuest.FileFacts>> call) throws IOException {
        FileTransfer<FromGuest.FileFacts> transfer = begin(what, Direction.FROM_GUEST, call);
        InputStream content = transfer.receive(deadline);
        try {
            var _ = FileStat.of(transfer.answer(CALL_LIMIT));
            return content;
        } catch (IOException e) {
            content.close();
            throw e;
        }
    }

    private <R extends FromGuest.Result> R call(String what, ToGuest<R> call, Duration limit) throws FileFailure {
        return begin(what, _ -> call).answer(limit);
    }
}
