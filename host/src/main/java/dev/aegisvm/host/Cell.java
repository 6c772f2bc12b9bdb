package dev.aegisvm.host;

import module java.base;

/**
 * What a program in a jail finds of the host, each under its own path.
 *
 * @param programs directories with programs and libraries, beside its own
 * @param readOnly files, and directories with all that is in them
 * @param devices device nodes; those that are missing are left out
 * @param memoryBytes how much memory it may have, with what the kernel keeps of its files; where that can be limited
 * @param fileBytes how large a file may become that it writes to; {@code Long.MAX_VALUE}: there is no limit
 * @param shared directories of which it has one as {@link #SHARED}, and by no other name, or several in that, by theirs
 */
public record Cell(
        List<Path> programs,
        List<Path> readOnly,
        List<Path> readWrite,
        List<Path> devices,
        List<Shared> shared,
        long memoryBytes,
        long fileBytes,
        Input input) {
    /** What may be sent to the program while it runs. */
    public enum Input {
        NOTHING,
        /** Lines and files, by a socket that it has as {@link #SOCKET}. */
        FILES,
        /** What it reads on its stdin. */
        WORDS
    }

    /** Where the program finds what it shares. */
    public static final Path SHARED = Path.of("/proc/self/fd/9");

    /** The program's descriptor of that socket. */
    public static final int SOCKET = 8;

    /** A directory that is shared: the launcher refuses one that has its path and is another. */
    public record Shared(String name, Path directory, boolean readOnly, long device, long inode) {
        /**
         * What is at a path now. A user who can rename what is above it could have put a symbolic link there.
         *
         * @param name what it is called among several
         * @param directory a path without a symbolic link
         * @throws IOException if it leads somewhere else
         */
        public static Shared of(String name, Path directory, boolean readOnly) throws IOException {
            try (HostDirectory open = HostDirectory.open(directory)) {
                Path descriptor = open.path();
                if (!Files.readSymbolicLink(descriptor).equals(directory)) {
                    throw new IOException(directory + " was replaced by another file");
                }
                Number device = (Number) Files.getAttribute(descriptor, "unix:dev");
                Number inode = (Number) Files.getAttribute(descriptor, "unix:ino");
                return new Shared(name, directory, readOnly, device.longValue(), inode.longValue());
            }
        }
    }

    /** The launcher's options. */
    List<String> options() {
        List<String> options = new ArrayList<>();
        programs.forEach(path -> add(options, "--program", path));
        devices.stream().filter(Files::exists).forEach(device -> add(options, "--device", device));
        readOnly.forEach(path -> add(options, "--ro", path));
        readWrite.forEach(path -> add(options, "--rw", path));
        shared.forEach(share -> options.addAll(List.of(
                share.readOnly() ? "--share-ro" : "--share-rw",
                (shared.size() > 1 ? share.name() + "=" : "") + share.device() + ":" + share.inode() + ":"
                        + share.directory())));
        if (fileBytes < Long.MAX_VALUE) {
            options.addAll(List.of("--file-bytes", Long.toString(fileBytes)));
        }
        if (input == Input.FILES) {
            options.add("--files");
        }
        return options;
    }

    private static void add(List<String> options, String name, Path value) {
        options.addAll(List.of(name, value.toString()));
    }
}
