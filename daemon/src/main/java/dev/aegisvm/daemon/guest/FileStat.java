package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.FromGuest;

/**
 * What the guest says of one of its files; nothing of it is verified.
 *
 * @param size in bytes, 0 for files of /proc
 * @param mode the lower twelve bits: permissions, setuid, setgid, sticky
 */
public record FileStat(
        FileKind kind, long size, int mode, long uid, long gid, Instant modified, Optional<String> target) {
    private static final int MODES = 07777;

    public FileStat {
        if (size < 0 || mode < 0 || mode > MODES) {
            throw new IllegalArgumentException("invalid size " + size + " or mode " + mode);
        }
    }

    public boolean isDirectory() {
        return kind == FileKind.DIRECTORY || kind == FileKind.OPAQUE_DIRECTORY;
    }

    static FileStat of(FromGuest.FileFacts facts) throws FileFailure {
        try {
            char letter = facts.type().length() == 1 ? facts.type().charAt(0) : '?';
            return new FileStat(
                    FileKind.of(letter),
                    facts.size(),
                    facts.mode(),
                    facts.uid(),
                    facts.gid(),
                    Instant.EPOCH.plusNanos(facts.mtimeNs()),
                    Optional.ofNullable(facts.target()));
        } catch (IllegalArgumentException e) {
            throw FileFailure.nonsense(String.valueOf(e.getMessage()));
        }
    }

    /** What a path of the guest leads to. */
    public enum FileKind {
        FILE('-'),
        DIRECTORY('d'),
        SYMLINK('l'),
        FIFO('p'),
        SOCKET('s'),
        CHARACTER_DEVICE('c'),
        BLOCK_DEVICE('b'),
        /** In {@link GuestFiles.Layer#OWN}: hides what the image has by that name. */
        WHITEOUT('w'),
        /** A directory there that hides all that the image has in it. */
        OPAQUE_DIRECTORY('o');

        /** As {@code ls -l} shows it. */
        private final char letter;

        FileKind(char letter) {
            this.letter = letter;
        }

        static FileKind of(char letter) {
            return Arrays.stream(values())
                    .filter(kind -> kind.letter == letter)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("type " + letter));
        }
    }
}
