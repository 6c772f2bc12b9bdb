package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.host.*;
import org.apache.commons.compress.archivers.tar.*;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks what a guest has sent into a directory of this host. The guest may be hostile: its names lead nowhere but
 * down from there, its symlinks are made and never followed, nothing becomes a device, setuid or setgid, and what was
 * there is replaced by a rename and never written through.
 */
final class HostUnpacker implements AutoCloseable {
    /** Each level is a descriptor of ours. */
    private static final int DEEPEST = 256;

    private static final int MAX_NAME = 255;
    /** Of an entry, and after the last: a header is 512 bytes, the records before it may be longer. */
    private static final int LONGEST_HEADERS = 1 << 20;

    /** The types of regular files: current, old and contiguous ones. */
    private static final String PLAIN = "0\0007";

    private static final int DIRECTORY = 0755;
    /** Else we could put nothing into it. */
    private static final int OWNER_CAN_ALL = 0700;

    private final String root;
    private final String name;
    private final boolean directoryWanted;
    /** The directories on the way to the latest entry: the base, and one for each of {@link #way}. */
    private final List<HostDirectory> open = new ArrayList<>();

    private final List<String> way = new ArrayList<>();
    /** Removes what is half-made; what was made has another name now. */
    private Closeable unfinished = () -> {};

    private boolean stopped;

    /**
     * Unpacks into an open directory, which is closed with this.
     *
     * @param root what every name in the stream begins with; {@code .} for what is in a directory
     * @param name what shall stand in its place
     * @param directoryWanted whether that has to be a directory
     */
    HostUnpacker(HostDirectory opened, String root, String name, boolean directoryWanted) {
        this.root = root;
        this.name = name;
        this.directoryWanted = directoryWanted;
        open.add(opened);
        Draft.collect(opened.at("."));
    }

    void unpack(InputStream stream) throws IOException {
        Metered metered = new Metered(stream);
        TarArchiveInputStream tar = new TarArchiveInputStream(metered, StandardCharsets.UTF_8.name());
        TarArchiveEntry entry = next(tar, metered);
        if (entry == null) {
            throw new IOException("received an empty tar stream");
        }
        if (directoryWanted && !entry.isDirectory()) {
            throw new IOException("cannot copy to " + Printable.of(name) + ": it is not a directory");
        }
        while (entry != null) {
            unpack(tar, entry);
            entry = next(tar, metered);
        }
        // A stream that broke off says so at its end.
        metered.transferTo(OutputStream.nullOutputStream());
    }

    /** A header, and those before it that say more: few bytes, or what they say would fill our memory. */
    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar, Metered metered) throws IOException {
        metered.allowed = LONGEST_HEADERS;
        try {
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry != null && !entry.isCheckSumOK()) {
                throw new IOException("received an invalid tar stream: a checksum is wrong");
            }
            metered.allowed = entry == null ? LONGEST_HEADERS : Long.MAX_VALUE;
            return entry;
        } catch (IllegalArgumentException malformed) {
            throw new IOException("received an invalid tar stream: " + malformed.getMessage(), malformed);
        }
    }

    /** A stream of which no more is taken than is allowed: any number of bytes, at first. */
    private static final class Metered extends ReadThrough {
        private long allowed = Long.MAX_VALUE;

        Metered(InputStream stream) {
            super(stream);
        }

        @Override
        protected void passed(byte[] target, int offset, int taken) throws IOException {
            allowed -= taken;
            if (allowed < 0) {
                throw new IOException(
                        "received an invalid tar stream: more than " + LONGEST_HEADERS + " bytes of headers");
            }
        }
    }

    private void unpack(TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
        List<String> parts = place(entry.getName());
        try {
            if (entry.isDirectory()) {
                enter(parts, entry.getMode() | OWNER_CAN_ALL);
            } else if (parts.isEmpty()) {
                throw refused(entry.getName(), "it is not a directory");
            } else if (entry.isSymbolicLink()) {
                enter(parts.subList(0, parts.size() - 1), DIRECTORY);
                link(parts.getLast(), entry.getLinkName());
            } else if (PLAIN.indexOf(entry.getLinkFlag()) >= 0 && !entry.isSparse()) {
                enter(parts.subList(0, parts.size() - 1), DIRECTORY);
                write(tar, parts.getLast(), entry);
            } else {
                throw refused(entry.getName(), "it is not a file, a directory or a symlink");
            }
        } catch (FileSystemException obstacle) {
            String path = Printable.of(String.join("/", parts));
            throw new IOException("cannot create " + path + ": " + HostError.reason(obstacle), obstacle);
        } catch (InvalidPathException noName) {
            throw refused(entry.getName(), "it is not a valid file name or link target");
        }
    }

    /** Where an entry goes, below the base. */
    private List<String> place(String given) throws IOException {
        List<String> parts = new ArrayList<>();
        if (given.indexOf('\uFFFD') >= 0) {
            throw refused(given, "it is not UTF-8");
        }
        for (String part : given.split("/", -1)) {
            if (part.equals("..")
                    || part.indexOf('\0') >= 0
                    || part.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
                throw refused(given, "it points outside the target, or is not a valid name");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        if (given.startsWith("/") || parts.size() > DEEPEST) {
            throw refused(given, given.startsWith("/") ? "it is absolute" : "it is too deep");
        }
        if (!root.equals(".") && (parts.isEmpty() || !parts.removeFirst().equals(root))) {
            throw refused(given, "it is outside the requested path");
        }
        if (!name.equals(".")) {
            parts.addFirst(name);
        }
        return parts;
    }

    private static IOException refused(String given, String why) {
        return new IOException("the guest sent the name '" + Printable.of(given) + "', which is refused: " + why);
    }

    /** Opens the directories on the way, and makes those that are missing; the last with this mode. */
    private void enter(List<String> wanted, int mode) throws IOException {
        int same = 0;
        while (same < Math.min(way.size(), wanted.size()) && way.get(same).equals(wanted.get(same))) {
            same++;
        }
        while (way.size() > same) {
            way.removeLast();
            open.removeLast().close();
        }
        for (String each : wanted.subList(same, wanted.size())) {
            boolean last = way.size() == wanted.size() - 1;
            open.add(open.getLast().make(each, HostModes.of(last ? mode : DIRECTORY)));
            Draft.collect(open.getLast().at("."));
            way.add(each);
        }
    }

    private void link(String called, String target) throws IOException {
        Path fresh = Draft.fresh(open.getLast().at("."));
        Maker<Closeable> link = () -> {
            Files.createSymbolicLink(fresh, Path.of(target));
            return () -> Files.deleteIfExists(fresh);
        };
        try (Closeable _ = make(link)) {
            Files.move(fresh, open.getLast().at(called), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void write(TarArchiveInputStream tar, String called, TarArchiveEntry entry) throws IOException {
        long room = Files.getFileStore(open.getFirst().at(".")).getUsableSpace();
        if (entry.getSize() > room) {
            throw new IOException("cannot copy " + Printable.of(called) + ": it has " + entry.getSize()
                    + " bytes, and there is room for " + room + " here");
        }
        var mode = PosixFilePermissions.asFileAttribute(HostModes.of(entry.getMode()));
        try (Draft draft = make(() -> Draft.create(open.getLast().at("."), mode))) {
            Path place = open.getLast().at(called);
            tar.transferTo(draft.out());
            draft.place(place);
            // This opens and closes the file, with which the lock is gone.
            Files.getFileAttributeView(place, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(entry.getLastModifiedTime(), null, null);
        }
    }

    private interface Maker<T> {
        T make() throws IOException;
    }

    /** Makes what will get its name later; nothing is made any more after {@link #stop}. */
    private synchronized <T extends Closeable> T make(Maker<T> maker) throws IOException {
        if (stopped) {
            throw new InterruptedIOException("the copy was cancelled");
        }
        T made = maker.make();
        unfinished = made;
        return made;
    }

    /** Removes what is half-made, and makes nothing more: a signal is ending us. */
    synchronized void stop() {
        stopped = true;
        try {
            unfinished.close();
        } catch (IOException obstacle) {
            return;
        }
    }

    @Override
    public void close() {
        open.forEach(HostDirectory::close);
    }
}
