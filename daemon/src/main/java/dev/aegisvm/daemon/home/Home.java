package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.host.*;

/**
 * Every path that the daemon uses, down to the directories of instances; those that clients know too are {@link
 * AegisHome}'s. Nothing is created here but the lock.
 *
 * @param runDirectory sockets of running VMs, in a place whose path is short: a socket's path has 107 bytes at most
 * @param verdicts what was found out about KVM on this host, which the user's other homes need not find out again
 */
public record Home(Path root, Path cache, Path runDirectory, Path verdicts) implements AegisHome {
    private static final Pattern GUEST_FILE = Pattern.compile("(kernel|initramfs|base|full)-[0-9a-f]{16}.*");

    /**
     * The home that the environment names: {@code AEGIS_HOME}, else {@code $HOME/.aegis}.
     *
     * @param uid the user's id, which keeps the run directories of users apart
     * @param onlyBelowTmp whether the sockets of VMs have to be below {@code /tmp} on this host
     */
    public static Home of(Map<String, String> environment, int uid, boolean onlyBelowTmp) {
        AegisHome shared = AegisHome.of(environment);
        Path root = shared.root();
        String ofSession = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path usual = runDirectory(root, ofSession, uid, onlyBelowTmp);
        Path instead = root.resolve("run");
        // A daemon that was killed left something there, perhaps.
        boolean used = Files.isDirectory(instead, LinkOption.NOFOLLOW_LINKS);
        return new Home(root, shared.cache(), used || isSquatted(usual, uid) ? instead : usual, verdicts(environment));
    }

    private static Path verdicts(Map<String, String> environment) {
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path ofUser = caches.startsWith("/")
                ? Path.of(caches)
                : AegisHome.user(environment).resolve(".cache");
        return ofUser.toAbsolutePath().resolve("aegisvm");
    }

    /** Whether another user took the place first: every user may make a file in {@code /tmp}. */
    private static boolean isSquatted(Path place, int uid) {
        try {
            Object owner = Files.getAttribute(place, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            return !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS) || !owner.equals(uid);
        } catch (IOException nothingThere) {
            return false;
        }
    }

    private static Path runDirectory(Path root, String ofSession, int uid, boolean onlyBelowTmp) {
        String hash = Fingerprint.of(root.toString()).substring(0, 8);
        if (uid == 0 && !onlyBelowTmp) {
            return Path.of("/run", "aegis-" + uid + "-" + hash);
        }
        boolean usable = ofSession.startsWith("/") && ofSession.length() <= 40;
        return usable && !onlyBelowTmp
                ? Path.of(ofSession, "aegis-" + hash)
                : Path.of("/tmp", "aegis-" + uid + "-" + hash);
    }

    public Path presets() {
        return root.resolve("presets.toml");
    }

    /** Encrypts the secrets; without it they cannot be read, whatever copy of the rest there is. */
    public Path masterKey() {
        return root.resolve("master.key");
    }

    /** The key and the certificate of whom guests trust that use secrets; only the home's owner can read the key. */
    public Path certificateAuthority() {
        return root.resolve("ca.p12");
    }

    public Path registry() {
        return data().resolve("aegis.db");
    }

    /** What was set aside because it could not be read, a dated directory each; ours to write, the user's to delete. */
    public Path damaged() {
        return data().resolve("damaged");
    }

    public Path instances() {
        return data().resolve("instances");
    }

    public Path instance(String id) {
        return instances().resolve(id);
    }

    /** A directory for each snapshot: a disk, and the machine if it was saved with it. */
    public Path snapshots() {
        return data().resolve("snapshots");
    }

    public Path logs() {
        return data().resolve("logs");
    }

    /** Files that mean nothing to the next daemon, such as the library that the SQLite driver unpacks. */
    public Path scratch() {
        return data().resolve("tmp");
    }

    /** What execs write, two files each at most. */
    public Path execs() {
        return scratch().resolve("execs");
    }

    /** Images that were pulled; homes with one cache share them. */
    public Path images() {
        return cache.resolve("images");
    }

    /** Locked by each daemon that uses the cache. */
    public Path cacheLock() {
        return cache.resolve(".in-use");
    }

    /** Whether a file of the cache is part of a guest: of the one that is prepared, or of an earlier one. */
    public static boolean isOfGuest(Path file) {
        return GUEST_FILE.matcher(file.getFileName().toString()).matches();
    }

    public Path guestProperties() {
        return cache.resolve(AegisHome.GUEST_PROPERTIES);
    }

    public Path runDirectory(String id) {
        return runDirectory.resolve(id);
    }

    /**
     * Makes this process the one daemon of the home until what this returns is closed, or says which process is. The
     * kernel gives the lock back when the process ends, however it ends.
     */
    public Closeable lock() throws HomeException {
        Path file = daemonLock();
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                String pid = Files.readString(file).strip();
                channel.close();
                throw new HomeException("another daemon uses this home directory"
                        + (pid.isEmpty() ? "" : " (pid " + pid + ")") + ": stop it with 'aegis down' first");
            }
            channel.truncate(0);
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid), 0);
            return channel;
        } catch (IOException obstacle) {
            throw new HomeException("cannot lock " + file + ": " + HostError.reason(obstacle), obstacle);
        }
    }

    /** The lock is held for as long as the channel is open. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ourselves) {
            return false;
        }
    }
}
