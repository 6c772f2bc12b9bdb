package dev.aegisvm.daemon.http;

import dev.aegisvm.api.FileView;
import dev.aegisvm.daemon.guest.FileKind;
import dev.aegisvm.daemon.guest.FileStat;
import java.util.Locale;

/** Files of guests as clients see them. */
final class FileViews {
    private FileViews() {}

    static FileView of(String name, FileStat stat) {
        return new FileView(
                name,
                type(stat.kind()),
                stat.size(),
                String.format(Locale.ROOT, "%04o", stat.mode()),
                stat.uid(),
                stat.gid(),
                stat.modified(),
                stat.target().orElse(null));
    }

    private static String type(FileKind kind) {
        return switch (kind) {
            case FILE -> "file";
            case DIRECTORY -> FileView.DIRECTORY;
            case SYMLINK -> "symlink";
            case FIFO -> "fifo";
            case SOCKET -> "socket";
            case CHARACTER_DEVICE -> "character_device";
            case BLOCK_DEVICE -> "block_device";
        };
    }
}
