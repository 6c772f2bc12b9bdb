package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.api.AegisHome;
import org.jspecify.annotations.Nullable;

/**
 * The user who runs a daemon: the one who runs the tests, or an ordinary user, who needs no entry in passwd.
 *
 * @param uid the user's and the group's id
 * @param another whether it is not whoever runs the tests
 */
record HostUser(int uid, boolean another) {
    /** A user id that no distribution assigns. */
    private static final int NOBODY_IN_PARTICULAR = 54_321;

    static HostUser ourselves() {
        try {
            return new HostUser((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Root tries both; an ordinary user is the ordinary user. */
    static Stream<HostUser> all() {
        HostUser ourselves = ourselves();
        return ourselves.uid() == 0
                ? Stream.of(ourselves, new HostUser(NOBODY_IN_PARTICULAR, true))
                : Stream.of(ourselves);
    }

    /** A home of this user's. */
    HomeFixture home() throws IOException {
        HomeFixture home = HomeFixture.create(uid);
        if (another) {
            own(home.directory());
            // It cannot read our cache, and makes its own templates.
            home.with(
                            "AEGIS_CACHE",
                            own(copyCache(home.directory().resolve("own-cache")))
                                    .toString())
                    .within(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
        }
        return home;
    }

    /** Gives the user a file or a directory, and what is in it. */
    Path own(Path path) throws IOException {
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.setAttribute(file, "unix:uid", uid);
                Files.setAttribute(file, "unix:gid", uid);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                return visitFile(directory, Files.readAttributes(directory, BasicFileAttributes.class));
            }
        });
        return path;
    }

    /** Copies what a guest starts from. */
    static Path copyCache(Path copy) throws IOException {
        Path properties = HomeFixture.cache().resolve(AegisHome.GUEST_PROPERTIES);
        Properties guest = new Properties();
        try (var reader = Files.newBufferedReader(properties)) {
            guest.load(reader);
        }
        Files.createDirectory(copy);
        String text = Files.readString(properties);
        for (String part : List.of("kernel", "initramfs", "base")) {
            Path original = Path.of(guest.getProperty(part));
            Path file = copy.resolve(part);
            run("cp", "--sparse=always", "--reflink=auto", original.toString(), file.toString());
            text = text.replace("=" + original, "=" + file);
        }
        Files.writeString(copy.resolve(AegisHome.GUEST_PROPERTIES), text);
        return copy;
    }

    static void run(String... command) throws IOException {
        try {
            int status = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + status);
            }
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
