package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the images of AegisVM's own, and that no registry is asked for them. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("what is in the images")
class OwnImagesTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    /** A package on a server in the guest, since the tests reach no other: apt's own user fetches it, dpkg installs it. */
    private static final String APT = """
            set -e
            mkdir -p /srv/repo/p/DEBIAN /srv/repo/p/usr/bin
            cd /srv/repo
            printf 'Package: greeter\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@localhost>\\nDescription: greets\\n' \
                >p/DEBIAN/control
            printf '#!/bin/sh\\necho greetings\\n' >p/usr/bin/greeter
            chmod 755 p/usr/bin/greeter
            dpkg-deb -b p greeter.deb >/dev/null
            {
                dpkg-deb -f greeter.deb
                echo "Filename: ./greeter.deb"
                echo "Size: $(stat -c %s greeter.deb)"
                echo "SHA256: $(sha256sum greeter.deb | cut -d' ' -f1)"
            } >Packages
            python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 &
            curl -s --retry 100 --retry-connrefused --retry-delay 1 -o /dev/null http://127.0.0.1:8000/Packages
            echo 'deb [trusted=yes] http://127.0.0.1:8000 ./' >/etc/apt/sources.list
            apt-get -q update
            apt-get -q install -y greeter
            greeter
            dpkg --audit
            """;

    private static String run(String image, String script) {
        return HOME.aegis("run", "--image", image, "--", "sh", "-c", script)
                .ok()
                .stdout();
    }

    @Test
    void theBaseImageHasWhatItPromises() {
        assertThat(run("aegis:base", "python3 -m venv /tmp/v && /tmp/v/bin/pip --version && pip --version"))
                .contains("/tmp/v/lib/python3", "/usr/lib/python3");
        assertThat(run("aegis:base", "git --version; curl --version; less --version; unzip -v; ps --version"))
                .contains("git version", "curl 8", "less ", "UnZip 6", "procps");
        assertThat(run("aegis:base", "ls /etc/ssl/certs/ca-certificates.crt; stat -c %a /tmp /var/tmp; echo $LANG"))
                .isEqualTo("/etc/ssl/certs/ca-certificates.crt\n1777\n1777\nC.UTF-8\n");
    }

    @Test
    void aptInstallsAPackage() {
        assertThat(run("aegis:base", APT)).contains("Setting up greeter (1)").endsWith("greetings\n");
        assertThat(run("aegis:base", "cat /etc/apt/sources.list"))
                .contains("trixie main", "trixie-updates main", "trixie-security main")
                .doesNotContain("file:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aegis:x", "aegis:"})
    void anotherNameOfOursIsRefusedAtOnce(String name) {
        HomeFixture.Result refused = HOME.aegis("run", "--image", name, "--", "true");
        assertThat(refused.exitCode()).isEqualTo(125);
        assertThat(refused.stderr())
                .contains("there is no image " + name
                        + ": the images that come with AegisVM are aegis:base and aegis:full");
    }

    @Test
    void theBaseImageIsShownAsWhatItIs() {
        assertThat(HOME.aegis("image", "list").ok().stdout()).containsPattern("(?m)^aegis:base +- +\\d+");
        HOME.aegis("instance", "start", "--name", "shown", "--", "sleep", "60").ok();
        assertThat(HOME.aegis("instance", "info", "shown").ok().stdout()).containsPattern("(?m)^image: +aegis:base$");
    }
}
