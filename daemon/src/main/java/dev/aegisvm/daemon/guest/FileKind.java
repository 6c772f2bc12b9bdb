package dev.aegisvm.daemon.guest;

import java.util.Optional;

/** What a path of the guest leads to. */
public enum FileKind {
    FILE('-'),
    DIRECTORY('d'),
    SYMLINK('l'),
    FIFO('p'),
    SOCKET('s'),
    CHARACTER_DEVICE('c'),
    BLOCK_DEVICE('b');

    private final char letter;

    FileKind(char letter) {
        this.letter = letter;
    }

    /** As {@code ls -l} shows it. */
    public char letter() {
        return letter;
    }

    static Optional<FileKind> of(char letter) {
        for (FileKind kind : values()) {
            if (kind.letter == letter) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
