# Types at a pseudo terminal as a person would; $0 is aegis, and an instance called box runs. Each line of stdout is a
# thing that was found right.
exec python3 - "$0" <<'END'
import fcntl, os, pty, select, signal, struct, sys, termios, time

LIMIT = 200


class Terminal:
    def __init__(self, *arguments):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(sys.argv[1], ["aegis", *arguments], {**os.environ, "TERM": "tmux-256color"})
        self.resize(40, 100)
        self.before = termios.tcgetattr(self.fd)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys)

    def read(self):
        ready, _, _ = select.select([self.fd], [], [], 0.05)
        try:
            self.seen += os.read(self.fd, 65536) if ready else b""
        except OSError:
            pass  # It has ended.

    def expect(self, text):
        end = time.monotonic() + LIMIT
        while text not in self.seen:
            if time.monotonic() > end:
                sys.exit(f"no {text!r} in {self.seen!r}")
            self.read()
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def until(self, keys, text, every=1):
        """Types keys again and again until they are answered so: for what a signal brings about, and for a program that
        throws away what comes before it is ready. `every` is in seconds."""
        end = time.monotonic() + LIMIT
        while text not in self.seen:
            if time.monotonic() > end:
                sys.exit(f"no {text!r} in {self.seen!r}")
            self.type(keys)
            again = time.monotonic() + every
            while text not in self.seen and time.monotonic() < again:
                self.read()
        self.expect(text)

    def ended(self):
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                assert termios.tcgetattr(self.fd) == self.before, "the terminal is not as before"
                return os.waitstatus_to_exitcode(status)
        sys.exit(f"it does not end: {self.seen!r}")


def done(what):
    print(what, flush=True)


bash = Terminal("exec", "-it", "box", "--", "bash")
bash.expect(b"# ")
assert termios.tcgetattr(bash.fd) != bash.before, "the terminal is not raw"
bash.type(b"stty size; echo $TERM; tty\r")
bash.expect(b"40 100")
bash.expect(b"tmux-256color")
bash.expect(b"/dev/pts/")
done("size and kind")
bash.resize(50, 132)
bash.until(b"stty size\r", b"50 132")
done("resize")
bash.type(b"sh -c \"echo be''gin; exec sleep 100\"\r")
bash.expect(b"begin")
bash.type(b"\x1a")
bash.expect(b"Stopped")
bash.type(b"echo go''on; fg\r")
bash.expect(b"goon")
bash.expect(b"sleep 100")
bash.type(b"\x03")
bash.until(b"echo code=$?\r", b"code=130")
done("job control and ^C")
bash.type(b"exit 7\r")
assert bash.ended() == 7
done("exit code, and the terminal as before")

shell = Terminal("shell", "box")
shell.expect(b"# ")
shell.type(b"python3\r")
shell.expect(b">>> ")
shell.type(b"6*7\r")
shell.expect(b"42")
shell.expect(b">>> ")
# Its line editor flushes the input when it takes the terminal over.
shell.until(b"\x04", b"# ", every=20)
shell.type(b"top\r")
shell.expect(b"PID")
shell.type(b"q")
shell.expect(b"# ")
shell.type(b"\x04")
assert shell.ended() == 0
done("python, ^D, top")

shell = Terminal("shell", "box")
shell.expect(b"# ")
shell.type(b"vim /root/note\r")
shell.expect(b"/root/note")
shell.until(b"i", b"INSERT", every=20)
shell.type(b"typed in vim\x1b:wq\r")
shell.expect(b"written")
shell.expect(b"# ")
shell.type(b"cat /root/note; exit\r")
shell.expect(b"typed in vim")
assert shell.ended() == 0
done("vim")

secret = Terminal("secret", "set", "KEY")
secret.expect(b"value of KEY: ")
secret.type(b"hush\r")
assert secret.ended() == 0
assert b"KEY: set" in secret.seen and b"hush" not in secret.seen, secret.seen
done("a secret is not shown")

shell = Terminal("shell", "box")
shell.expect(b"# ")
os.kill(shell.pid, signal.SIGTERM)
assert shell.ended() == 143
done("a signal ends us, and the terminal is as before")

run = Terminal("run", "-it", "--", "bash")
run.expect(b"# ")
run.type(b"exit 3\r")
assert run.ended() == 3
done("run -it")

plain = Terminal("exec", "box", "--", "sh", "-c", "echo be''gin; exec sleep 100")
plain.expect(b"begin")
plain.type(b"\x03")
assert plain.ended() == 130
done("^C without a terminal")
END
