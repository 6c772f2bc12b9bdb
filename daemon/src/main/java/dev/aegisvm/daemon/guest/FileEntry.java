package dev.aegisvm.daemon.guest;

/**
 * An entry of a directory of the guest.
 *
 * @param name one component of a path: whatever the guest says, it leads nowhere else
 * @param stat of the entry itself, also when it is a symlink
 */
public record FileEntry(String name, FileStat stat) {
    public FileEntry {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("an entry of a directory with a name that is none");
        }
    }
}
