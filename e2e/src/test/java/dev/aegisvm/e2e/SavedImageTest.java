package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An instance becomes an image, from which others start, and which other tools read. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what a disk has does not depend on KVM")
class SavedImageTest {
    private static final String VALUE = "hunter2-hunter2-hunter2";

    /** Adds, changes, removes, replaces a directory, and makes what has more than content. */
    private static final String CHANGES = """
            set -e
            echo made > /srv/made
            ln /srv/made /srv/again
            chown 1234:4321 /srv/made
            ln -s made /srv/link
            echo other > /etc/debian_version
            rm /etc/issue
            rm -r /usr/share/base-files
            mkdir /usr/share/base-files
            echo only > /usr/share/base-files/only
            python3 -c 'import os; os.setxattr("/srv/made", "user.note", b"noted")'
            """;

    private static final String LOOK = "cat /srv/link /etc/debian_version; stat -c '%u:%g %h' /srv/again;"
            + " ls /usr/share/base-files; ls /etc/issue /etc/ssl/aegis-ca.pem 2>&1 | grep -c 'No such';"
            + " python3 -c 'import os; print(os.getxattr(\"/srv/made\", \"user.note\").decode())'; test -s /bin/sh";

    private static final String FOUND = "made\nother\n1234:4321 2\nonly\n2\nnoted\n";

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @TempDir
    Path directory;

    @AfterEach
    void removeAll() {
        HOME.aegis("rm", "-f", "box").ok();
        HOME.aegis("image", "delete", "mine/box:1", "mine/flat:1").ok();
    }

    private static String look(String image) {
        return HOME.aegis("run", "--rm", "--image", image, "--", "sh", "-c", LOOK)
                .ok()
                .stdout();
    }

    private void lacks(Path archive, String text) throws IOException {
        Tool.run("sh", "-c", "! grep -a -q -F -e \"$1\" \"$2\"", "sh", text, archive.toString());
    }

    @Test
    void whatItHasIsInTheImageAndWhatItWasGivenIsNot() throws IOException {
        HOME.aegis("secret", "set", "GIVEN", VALUE).ok();
        HOME.aegis("secret", "set", "BOUND", VALUE).ok();
        List<String> start = List.of("instance", "start", "--name", "box", "--secret", "GIVEN");
        List<String> more = List.of("--secret", "BOUND@example.com", "--", "sleep", "infinity");
        HOME.aegis(Stream.concat(start.stream(), more.stream()).toArray(String[]::new))
                .ok();
        HOME.aegis("exec", "box", "--", "sh", "-c", CHANGES).ok();
        String placeholder = said("printenv", "BOUND");
        String authority = said("sed", "-n", "3p", "/etc/ssl/aegis-ca.pem");
        Path archive = directory.resolve("box.tar");
        Path flat = directory.resolve("flat.tar");
        Path victim = plantLinks(directory);

        assertThat(HOME.aegis("image", "save", "box", "mine/box:1", "--output", archive.toString())
                        .ok()
                        .stdout())
                .startsWith("mine/box:1: sha256:");
        HOME.aegis("image", "save", "box", "mine/flat:1", "--flatten", "-o", flat.toString())
                .ok();

        assertThat(victim).hasContent("as it was");
        assertThat(look("mine/box:1")).isEqualTo(FOUND);
        assertThat(look("mine/flat:1")).isEqualTo(FOUND);
        assertThat(Tool.run("skopeo", "inspect", "--format", "{{len .Layers}} {{.Env}}", "oci-archive:" + archive))
                .startsWith("2 [LANG=C.UTF-8]");
        assertThat(Tool.run("skopeo", "inspect", "--format", "{{len .Layers}}", "oci-archive:" + flat))
                .startsWith("1");
        for (String secret : List.of(VALUE, placeholder, authority, "aegis-ca.pem")) {
            assertThat(secret).hasSizeGreaterThan(8);
            lacks(archive, secret);
            lacks(flat, secret);
        }
        HOME.aegis("instance", "stop", "box").ok();
        assertThat(HOME.aegis("image", "save", "box", "mine/other:1").stderr()).contains("stopped");
    }

    private static String said(String... command) {
        String[] exec = Stream.concat(Stream.of("exec", "box", "--"), Arrays.stream(command))
                .toArray(String[]::new);
        return HOME.aegis(exec).ok().stdout().strip();
    }

    /** A guest whose workspace this is may guess what the archive is called while it is written. */
    private static Path plantLinks(Path directory) throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "as it was");
        for (String name : List.of("box.tar", ".box.tar.unfinished", ".box.tar.tmp")) {
            Files.createSymbolicLink(directory.resolve(name), victim);
        }
        return victim;
    }
}
