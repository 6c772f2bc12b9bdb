package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code aegis cp} with a real guest. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("bytes over the channel, as in ExposeTest")
class CopyTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withBox();

    @TempDir
    Path here;

    private static HomeFixture.Result inGuest(String script) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", script);
    }

    private static String said(String script) {
        return inGuest(script).ok().stdout().strip();
    }

    private Path random(String name, int size) throws IOException {
        Path file = here.resolve(name);
        Random random = new Random(size);
        byte[] piece = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int left = size; left > 0; left -= piece.length) {
                random.nextBytes(piece);
                out.write(piece, 0, Math.min(left, piece.length));
            }
        }
        return file;
    }

    private static String sha256(Path file) throws Exception {
        java.security.MessageDigest digest = java.security.MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
        }
        return java.util.HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void aFileGoesInAndComesOutByteForByte() throws Exception {
        Path file = random("there and back", 256 << 20);

        HOME.aegis("cp", file.toString(), "box:/srv").ok();
        assertThat(said("sha256sum '/srv/there and back' | cut -c1-64")).isEqualTo(sha256(file));
        HOME.aegis("cp", "box:/srv/there and back", here.resolve("again").toString())
                .ok();

        assertThat(sha256(here.resolve("again"))).isEqualTo(sha256(file));
        assertThat(HOME.daemonPeakMemoryKib()).isLessThan(250_000);
        inGuest("rm '/srv/there and back'").ok();
    }

    @Test
    void aTreeGoesInAndComesOutAsItWas() throws Exception {
        Path tree = Files.createDirectories(here.resolve("tree/sub"));
        Files.writeString(tree.resolve("ünï"), "content");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/hostname"));
        Files.setPosixFilePermissions(
                tree.resolve("ünï"), java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-x---"));

        HOME.aegis("cp", here.resolve("tree").toString(), "box:/srv/new").ok();
        assertThat(said("cd /srv/new/sub; stat -c %a ünï; cat ünï; echo; readlink link"))
                .isEqualTo("750\ncontent\n/etc/hostname");
        HOME.aegis("cp", "box:/srv/new/.", here.resolve("back").toString()).ok();

        assertThat(here.resolve("back/sub/ünï")).hasContent("content");
        assertThat(Files.readSymbolicLink(here.resolve("back/sub/link"))).hasToString("/etc/hostname");
    }

    /** Large files bypass the guest's page cache; data that is only in the cache must not be missed. */
    @Test
    void whatAProgramOfTheGuestHasJustWrittenIsCopied() throws Exception {
        inGuest("head -c 5000001 /dev/urandom >/srv/fresh; sha256sum /srv/fresh | cut -c1-64 >/srv/sum")
                .ok();
        HOME.aegis("cp", "box:/srv/fresh", here.resolve("fresh").toString()).ok();
        assertThat(sha256(here.resolve("fresh"))).isEqualTo(said("cat /srv/sum"));

        Path other = random("other", 5_000_002);
        HOME.aegis("cp", other.toString(), "box:/srv/fresh").ok();
        assertThat(said("sha256sum /srv/fresh | cut -c1-64")).isEqualTo(sha256(other));
    }

    @Test
    void aTarStreamGoesInAndComesOut() throws Exception {
        Files.writeString(here.resolve("one"), "1");
        Path script = Files.writeString(
                here.resolve("script"),
                "cd " + here + " && tar c one | \"$0\" cp - box:/srv && \"$0\" cp box:/srv/one - | tar tv");
        HomeFixture.Result result = HOME.startShell(script).await().ok();
        assertThat(result.stdout()).endsWith(" one\n");
        assertThat(said("cat /srv/one")).isEqualTo("1");
    }

    @Test
    void aThousandSmallFiles() throws Exception {
        Path tree = Files.createDirectory(here.resolve("many"));
        for (int i = 0; i < 1000; i++) {
            Files.writeString(tree.resolve("file" + i), "content of " + i);
        }
        long start = System.nanoTime();
        HOME.aegis("cp", tree.toString(), "box:/srv").ok();
        long middle = System.nanoTime();
        HOME.aegis("cp", "box:/srv/many", here.resolve("back").toString()).ok();
        long end = System.nanoTime();

        assertThat(said("ls /srv/many | wc -l")).isEqualTo("1000");
        assertThat(here.resolve("back/file999")).hasContent("content of 999");
        System.out.printf(
                "1000 small files: in %d ms, out %d ms%n", (middle - start) / 1_000_000, (end - middle) / 1_000_000);
        assertThat((end - start) / 1_000_000_000).isLessThan(HomeFixture.LIMIT_SECONDS);
    }

    /** Here below 256 levels; as a stream, the guest refuses it below 400. */
    @Test
    void aTreeOfTooManyLevelsIsRefused() {
        inGuest("mkdir -p /srv/deep/$(printf 'd/%.0s' $(seq 500))").ok();
        HomeFixture.Result refused = HOME.aegis("cp", "box:/srv/deep", here.toString());
        assertThat(refused.exitCode()).isNotZero();
        // By us at 256 levels or by the guest at 400, whichever is noticed first.
        assertThat(refused.stderr()).contains("too deep");
        HomeFixture.Result stream = HOME.aegis("cp", "box:/srv/deep", "-");
        assertThat(stream.exitCode()).isNotZero();
        assertThat(stream.stderr()).contains("too deep a tree");
        inGuest("rm -r /srv/deep").ok();
    }

    @Test
    void aPipeIsRefused() throws Exception {
        Path pipe = here.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        HomeFixture.Result refused = HOME.aegis("cp", pipe.toString(), "box:/srv/pipe");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains("it is neither a file nor a directory");
    }

    /** Each removes what killed copies left, and nothing of the others. */
    @Test
    void manyCopiesIntoOneDirectoryAtOnce() throws Exception {
        inGuest("mkdir -p /srv/each; for i in $(seq 200); do echo made >/srv/each/$i; done")
                .ok();
        List<HomeFixture.Running> copies = Stream.generate(() -> HOME.start("cp", "box:/srv/each/.", here.toString()))
                .limit(16)
                .toList();
        copies.forEach(copy -> copy.await().ok());
        assertThat(here.toFile().list()).hasSize(200);
    }

    @Test
    void aUserDoesWhatThatUserMay() throws Exception {
        Path file = Files.writeString(here.resolve("f"), "x");
        HomeFixture.Result refused = HOME.aegis("cp", "--user", "nobody", file.toString(), "box:/root");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("/root", "as nobody", "permission denied");

        HOME.aegis("cp", "--user", "nobody", file.toString(), "box:/tmp/theirs").ok();
        assertThat(said("stat -c %U /tmp/theirs")).isEqualTo("nobody");
        HomeFixture.Result unread = HOME.aegis("cp", "--user", "nobody", "box:/etc/shadow", here.toString());
        assertThat(unread.stderr()).contains("/etc/shadow", "permission denied");
        assertThat(here.resolve("shadow")).doesNotExist();
    }

    @Test
    void symlinksLeadWhereTheyLeadInTheGuest() throws Exception {
        String host = Files.readString(Path.of("/etc/passwd"));
        inGuest("ln -sf /etc/passwd /srv/way; mkdir -p /srv/hostile; ln -sfn " + here + " /srv/hostile/dir; "
                        + "ln -sf /etc/passwd /srv/hostile/file")
                .ok();

        HOME.aegis("cp", "box:/srv/way", here.resolve("passwd").toString()).ok();
        assertThat(said("cat /etc/passwd"))
                .isEqualTo(Files.readString(here.resolve("passwd")).strip());
        HOME.aegis("cp", "box:/srv/hostile", here.resolve("in").toString()).ok();
        assertThat(here.resolve("in/dir")).isSymbolicLink();
        // The symlink itself is replaced, never its target.
        HOME.aegis("cp", "box:/etc/hostname", here.resolve("in/file").toString())
                .ok();
        assertThat(Files.isSymbolicLink(here.resolve("in/file"))).isFalse();
        assertThat(Files.readString(Path.of("/etc/passwd"))).isEqualTo(host);
    }

    @Test
    void aFullDiskOfTheGuestIsAnErrorAndTheOldFileStays() throws Exception {
        HOME.aegis("instance", "start", "--name", "small", "--disk", "256M", "--", "sleep", "infinity")
                .ok();
        HOME.aegis("exec", "small", "--", "sh", "-c", "echo old >/srv/f").ok();
        Path large = random("f", 300 << 20);

        HomeFixture.Result full = HOME.aegis("cp", large.toString(), "small:/srv/f");

        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.stderr()).contains("no space left on the guest's disk");
        assertThat(HOME.aegis("exec", "small", "--", "sh", "-c", "cat /srv/*; ls -A /srv | wc -l")
                        .ok()
                        .stdout())
                .isEqualTo("old\n1\n");
        HOME.aegis("instance", "delete", "small").ok();
    }

    private static void interrupt(HomeFixture.Running copy) throws Exception {
        new ProcessBuilder("kill", "-INT", Long.toString(copy.process().pid()))
                .start()
                .waitFor();
        HomeFixture.Result ended = copy.await();
        assertThat(ended.exitCode()).isEqualTo(130);
        assertThat(ended.stderr()).isEqualTo("aegis: interrupted; files that were copied whole stay, and no others\n");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(here)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void anInterruptLeavesNothingHalfMade() throws Exception {
        inGuest("mkdir /srv/cut; truncate -s 8G /root/large").ok();
        HomeFixture.Running out = HOME.start("cp", "box:/root/large", here.toString());
        await().until(() -> names().stream().anyMatch(name -> name.startsWith(".aegis-")));
        interrupt(out);
        assertThat(names()).isEmpty();

        try (RandomAccessFile sparse = new RandomAccessFile(here.resolve("huge").toFile(), "rw")) {
            sparse.setLength(8L << 30);
        }
        HomeFixture.Running in = HOME.start("cp", here.resolve("huge").toString(), "box:/srv/cut/in");
        // What is not whole has no name.
        String written = "ls -l /proc/[0-9]*/fd 2>&1 | grep -o '/srv/cut/#' || true";
        await().until(() -> !said(written).isEmpty());
        interrupt(in);
        await().until(() -> said(written).isEmpty());
        assertThat(said("ls -A /srv/cut")).isEmpty();
        inGuest("rm /root/large").ok();
    }

    @Test
    void aPausedInstanceWakesForACopy() throws Exception {
        HOME.aegis("instance", "pause", "box").ok();
        HOME.aegis("cp", "box:/etc/hostname", here.toString()).ok();
        assertThat(here.resolve("hostname")).hasContent("box");
    }
}
