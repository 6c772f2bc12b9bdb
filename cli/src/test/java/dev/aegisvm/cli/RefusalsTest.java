package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong with a command line: one line on stderr, exit code 2, and nothing done. */
class RefusalsTest {
    private static void assertRefused(Call call, String message) {
        assertThat(call.err()).isEqualTo(message + "\n");
        assertThat(call.out()).isEmpty();
        assertThat(call.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            statsu                          ~ aegis: unknown command 'statsu'; did you mean `aegis status`?
            stat                            ~ aegis: unknown command 'stat'; did you mean `aegis status`?
            launchmissiles                  ~ aegis: unknown command 'launchmissiles'; see `aegis --help`
            --zzgl                          ~ aegis: unknown command '--zzgl'; see `aegis --help`
            instance                        ~ aegis instance: a command is missing; one of: start, list, info, port, expose, unexpose, stats, top, wait, stop, restart, kill, disable, pause, resume, keepalive, rename, delete, prune
            instance lst                    ~ aegis: unknown command 'instance lst'; did you mean `aegis instance list`?
            instance zzglnicate             ~ aegis: unknown command 'instance zzglnicate'; see `aegis instance --help`
            secret                          ~ aegis secret: a command is missing; one of: set, list, delete
            mcp instal                      ~ aegis: unknown command 'mcp instal'; did you mean `aegis mcp install`?
            status --jsn                    ~ aegis status: unknown option --jsn; did you mean --json?
            status --json=1                 ~ aegis status: --json takes no value
            status now                      ~ aegis status: unexpected argument 'now': aegis status
            status -- now                   ~ aegis status: takes no command: aegis status
            run                             ~ aegis run: give a command, or an --image that has a default command: aegis run [options] [-- <cmd> [args…]]
            run --                          ~ aegis run: the command is missing: aegis run [options] [-- <cmd> [args…]]
            run echo hi                     ~ aegis run: the command goes after --: aegis run -- echo hi   (with an image: aegis run --image echo -- hi)
            run -e A=1 aegis:full node -v   ~ aegis run: the image goes after --image, and the command after --: aegis run -e A=1 --image aegis:full -- node -v
            run ghcr.io/a/b                 ~ aegis run: the image goes after --image, and the command after --: aegis run --image ghcr.io/a/b
            run ./a.out                     ~ aegis run: the command goes after --: aegis run -- ./a.out   (with an image: aegis run --image ./a.out)
            run x -- a                      ~ aegis run: unexpected argument 'x': aegis run [options] [-- <cmd> [args…]]
            run -d -it -- a                 ~ aegis run: --detach cannot be used together with -i or -t, since it does not wait
            run --label a -- a              ~ aegis run: malformed --label 'a': write --label a=VALUE
            run --ttl soon -- a             ~ aegis run: malformed --ttl 'soon': write --ttl 90s (or 5m, 2h, 1d), or --ttl never
            run -w srv -- a                 ~ aegis run: --workdir 'srv' is not an absolute path: write --workdir /srv
            run --timeout 1 -- a            ~ aegis run: malformed --timeout '1': write --timeout 30s (or 500ms, 5m, 2h)
            start a --name b                ~ aegis instance start: --name and 'a' cannot be used together
            ps --filter x=1                 ~ aegis ps: malformed --filter 'x=1': write --filter status=running, --filter label=KEY=VALUE or --filter name=PART
            ps --filter label               ~ aegis ps: malformed --filter 'label': write --filter status=running, --filter label=KEY=VALUE or --filter name=PART
            rm                              ~ aegis rm: <name|id> is missing: aegis rm [options] <name|id>…
            stop                            ~ aegis instance stop: <name|id> is missing: aegis instance stop [options] <name|id>…
            rename a                        ~ aegis instance rename: <new name> is missing: aegis instance rename [options] <name|id> <new name>
            pause box                       ~ aegis: unknown command 'pause'; did you mean `aegis instance pause`?
            list                            ~ aegis: unknown command 'list'; did you mean `aegis instance list` or `aegis image list` or `aegis snapshot list` or `aegis secret list`?
            create                          ~ aegis: unknown command 'create'; did you mean `aegis instance start` or `aegis snapshot create`?
            attach                          ~ aegis: unknown command 'attach'; did you mean `aegis exec attach` or `aegis logs`?
            build -t app .                  ~ aegis: unknown command 'build'; buildah or docker builds images, and `aegis image load FILE` loads them (see IMAGES.md)
            strat                           ~ aegis: unknown command 'strat'; did you mean `aegis start`?
            instance rm                     ~ aegis: unknown command 'instance rm'; did you mean `aegis instance delete`?
            run --nmae x -- a               ~ aegis run: unknown option --nmae; did you mean --name?
            run --xyzzy -- a                ~ aegis run: unknown option --xyzzy; see `aegis run --help`
            run --name -- a                 ~ aegis run: --name needs a value: --name NAME
            run --name                      ~ aegis run: --name needs a value: --name NAME
            run --env =b -- a               ~ aegis run: malformed --env '=b': write --env NAME=VALUE
            run -p 0.0.0.0:8080:80 -- a     ~ aegis run: '0.0.0.0:8080:80' names an address, but ports are open on 127.0.0.1 only: leave it out, and let other machines in by `ssh -L` or a reverse proxy on this host
            instance expose a [::]:80       ~ aegis instance expose: '[::]:80' names an address, but ports are open on 127.0.0.1 only: leave it out, and let other machines in by `ssh -L` or a reverse proxy on this host
            kill -s STOPP box               ~ aegis instance kill: malformed --signal 'STOPP': write --signal TERM (or HUP, USR1, 15, …)
            kill -s 65 box                  ~ aegis instance kill: malformed --signal '65': write --signal TERM (or HUP, USR1, 15, …)
            run --expose x -- a             ~ aegis run: malformed --expose 'x': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to 65535
            run --expose 0 -- a             ~ aegis run: malformed --expose '0': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to 65535
            run --expose 70000:80 -- a      ~ aegis run: malformed --expose '70000:80': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to 65535
            run --expose 80/udp -- a        ~ aegis run: malformed --expose '80/udp': write --expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to 65535
            run --memory lots -- a          ~ aegis run: malformed --memory 'lots': write --memory 512M or --memory 1G
            run --memory -1 -- a            ~ aegis run: malformed --memory '-1': write --memory 512M or --memory 1G
            run --memory 1T -- a            ~ aegis run: malformed --memory '1T': write --memory 512M or --memory 1G
            run --memory 99999999999 -- a   ~ aegis run: malformed --memory '99999999999': write --memory 512M or --memory 1G
            run --memory 300 -- a           ~ aegis run: --memory '300' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory 512M
            run --memory 0 -- a             ~ aegis run: --memory '0' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory 256M
            run --memory 128 -- a           ~ aegis run: --memory '128' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory 256M
            run --memory 3G -- a            ~ aegis run: --memory '3G' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory 4096M
            run --memory 128G -- a          ~ aegis run: --memory '128G' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory 65536M
            run --memory 1.5G -- a          ~ aegis run: malformed --memory '1.5G': write --memory 512M or --memory 1G
            run --memory= -- a              ~ aegis run: malformed --memory '': write --memory 512M or --memory 1G
            run --idle-pause 5 -- a         ~ aegis run: malformed --idle-pause '5': write --idle-pause 90s (or 5m, 2h, 1d), or --idle-pause never
            run --idle-stop 0s -- a         ~ aegis run: malformed --idle-stop '0s': write --idle-stop 90s (or 5m, 2h, 1d), or --idle-stop never
            instance keepalive a --for 2d   ~ aegis instance keepalive: malformed --for '2d': write --for 10m (or 30s, 2h; 24h at most)
            instance keepalive a --for 1m --release ~ aegis instance keepalive: --for and --release cannot be used together
            run --disk lots -- a            ~ aegis run: malformed --disk 'lots': write --disk 512M or --disk 8G
            run --disk 1T -- a              ~ aegis run: malformed --disk '1T': write --disk 512M or --disk 8G
            run --disk 63 -- a              ~ aegis run: --disk '63' is not between 64M and 64G; write --disk 64M
            run --disk 65G -- a             ~ aegis run: --disk '65G' is not between 64M and 64G; write --disk 64G
            run --cpus 0 -- a               ~ aegis run: malformed --cpus '0': write --cpus N with N from 1 to 16
            run --cpus 17 -- a              ~ aegis run: malformed --cpus '17': write --cpus N with N from 1 to 16
            run --cpus -1 -- a              ~ aegis run: malformed --cpus '-1': write --cpus N with N from 1 to 16
            run --cpus two -- a             ~ aegis run: malformed --cpus 'two': write --cpus N with N from 1 to 16
            run --cpus 1.5 -- a             ~ aegis run: malformed --cpus '1.5': write --cpus N with N from 1 to 16
            exec                            ~ aegis exec: <name|id> is missing: aegis exec [options] <name|id> -- <cmd> [args…]
            exec box                        ~ aegis exec: the command is missing: aegis exec [options] <name|id> -- <cmd> [args…]
            exec box ls -l                  ~ aegis exec: the command goes after --: aegis exec box -- ls -l
            run -it -- a                    ~ aegis run: -it needs a terminal, but stdin is not one: leave -t out
            run -ix -- a                    ~ aegis run: unknown option -ix; see `aegis run --help`
            exec -it box -- a               ~ aegis exec: -it needs a terminal, but stdin is not one: leave -t out
            exec -d -i box -- a             ~ aegis exec: --detach cannot be used together with -i or -t, since it does not wait
            exec --cwd srv box -- a         ~ aegis exec: --workdir 'srv' is not an absolute path: write --workdir /srv
            exec --timeout 1 box -- a       ~ aegis exec: malformed --timeout '1': write --timeout 30s (or 500ms, 5m, 2h)
            exec --timeout 0s box -- a      ~ aegis exec: malformed --timeout '0s': write --timeout 30s (or 500ms, 5m, 2h)
            exec --timeout s box -- a       ~ aegis exec: malformed --timeout 's': write --timeout 30s (or 500ms, 5m, 2h)
            exec --env-file /none box -- a  ~ aegis exec: --env-file: cannot read /none: no such file or directory
            run --network-file /none -- a   ~ aegis run: --network-file: cannot read /none: no such file or directory
            run -i --network-file - -- a    ~ aegis run: --network-file - and --interactive both want stdin: name a file
            network apply box               ~ aegis network apply: <file> is missing: aegis network apply [options] <name|id> <file>
            exec ps                         ~ aegis exec ps: <name|id> is missing: aegis exec ps [options] <name|id>
            exec kill box                   ~ aegis exec kill: <exec-id> is missing: aegis exec kill [options] <name|id> <exec-id>…
            shell                           ~ aegis shell: <name|id> is missing: aegis shell [options] <name|id>
            shell box -- ls                 ~ aegis shell: takes no command: aegis shell [options] <name|id>
            logs                            ~ aegis logs: <name|id> is missing: aegis logs [options] <name|id>
            logs a b                        ~ aegis logs: unexpected argument 'b': aegis logs [options] <name|id>
            logs a --tail few               ~ aegis logs: malformed --tail 'few': write --tail 50
            run --image= -- a               ~ aegis run: --image is empty: write --image debian:13
            instance start                  ~ aegis instance start: the command is missing (or the name of a stopped instance, or --image): aegis instance start [options] [name|id]… [-- <cmd> [args…]]
            instance list --stopped --running ~ aegis instance list: --stopped and --running cannot be used together
            instance info                   ~ aegis instance info: <name|id> is missing: aegis instance info <name|id>
            instance stop                   ~ aegis instance stop: <name|id> is missing: aegis instance stop [options] <name|id>…
            instance pause a -- b           ~ aegis instance pause: takes no command: aegis instance pause [options] <name|id>…
            instance prune                  ~ aegis instance prune: --older-than is missing: write --older-than 7d
            instance prune --stopped-older-than 7 ~ aegis instance prune: malformed --older-than '7': write --older-than 7d (or 12h, 45m, 30s)
            instance prune --stopped-older-than d ~ aegis instance prune: malformed --older-than 'd': write --older-than 7d (or 12h, 45m, 30s)
            instance prune --stopped-older-than 7w ~ aegis instance prune: malformed --older-than '7w': write --older-than 7d (or 12h, 45m, 30s)
            secret set                      ~ aegis secret set: <key> is missing: aegis secret set [options] <key> [value]
            secret set A B C                ~ aegis secret set: unexpected argument 'C': aegis secret set [options] <key> [value]
            secret set A=B                  ~ aegis secret set: the name of a secret has letters, digits, '_', '-' and '.', begins with a letter or '_', and is at most 128 characters long, such as API_KEY
            secret delete                   ~ aegis secret delete: <key> is missing: aegis secret delete [options] <key>…
            secret delete A 1               ~ aegis secret delete: the name of a secret has letters, digits, '_', '-' and '.', begins with a letter or '_', and is at most 128 characters long, such as API_KEY
            run --secret A=b -- a           ~ aegis run: malformed --secret: write --secret KEY with the name of a secret, --secret KEY@HOST, or --secret '*' (--env K=V sets a variable)
            mcp                             ~ aegis mcp: a command is missing; one of: install, uninstall
            mcp instal                      ~ aegis: unknown command 'mcp instal'; did you mean `aegis mcp install`?
            completion basch                ~ aegis completion: no completion for 'basch'; did you mean `aegis completion bash`?
            completion tcsh-6               ~ aegis completion: no completion for 'tcsh-6'; there is one for bash, zsh and fish
            help zzgl                       ~ aegis: unknown command 'zzgl'; see `aegis --help`
            """)
    void namesTheMistakeAndTheNearestRightForm(String words, String message) {
        assertRefused(Call.of(words.split(" ")), message);
    }

    @Test
    void asksForACommand() {
        assertRefused(
                Call.of(),
                "aegis: a command is missing; see `aegis --help`, or try: aegis run -- echo \"hello from aegisvm\"");
    }

    @Test
    void refusesAnEmptyCommand() {
        assertRefused(
                Call.of("run", "--", ""), "aegis run: the command is empty: aegis run [options] [-- <cmd> [args…]]");
    }

    @Test
    void refusesBytesThatWouldArriveAsOthers() {
        assertRefused(
                Call.of("run", "--", "echo", "a\ufffdb"),
                "aegis run: an argument of the command is not UTF-8: 'a\ufffdb'");
    }

    @Test
    void showsNoControlCharactersOfTheMistake() {
        assertRefused(Call.of("\u001b[31mred"), "aegis: unknown command '\\u001b[31mred'; see `aegis --help`");
        assertRefused(
                Call.of("run", "--\u001b]0;x\u0007", "--", "a"),
                "aegis run: unknown option --\\u001b]0;x\\u0007; see `aegis run --help`");
    }
}
