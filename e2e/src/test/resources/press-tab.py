"""Presses Tab in an interactive shell, as a person would.

press-tab.py SHELL BEGUN...: for each command line that is begun, prints what the shell makes of it.
"""
import os, pty, select, sys, time

LIMIT = 120
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(aegis completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source <(aegis completion zsh)"),
    "fish": (["fish", "--no-config", "--interactive"], "aegis completion fish | source"),
}
END = b"\x05"
START_OF_LINE = b"\x01"
shell, load = SHELLS[sys.argv[1]]

pid, fd = pty.fork()
if pid == 0:
    os.execvpe(shell[0], shell, {**os.environ, "TERM": "dumb" if shell[0] != "fish" else "xterm"})
seen = b""


def wait_for(text):
    global seen
    deadline = time.monotonic() + LIMIT
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.exit(f"{shell[0]} did not print {text!r}: {seen!r}")
        seen += os.read(fd, 65536)
    before, _, seen = seen.partition(text)
    return before


def typed(line):
    os.write(fd, line)


# The quotes keep what is typed apart from what is printed.
typed(load.encode() + b"; echo rea'dy'\r")
wait_for(b"ready\r\n")
for at, begun in enumerate(sys.argv[2:]):
    typed(begun.encode() + b"\t" + END + b" ':e'nd" + str(at).encode() + START_OF_LINE + b"echo 'b'egin: \r")
    wait_for(b"begin: ")
    print(wait_for(b" :end" + str(at).encode()).decode().strip())
os.close(fd)
