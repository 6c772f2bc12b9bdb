# Types at a pseudo terminal in which `aegis shell` runs, and prints for each key how many milliseconds passed until it was
# echoed. Arguments: the aegis program, an instance, how many keys.
import os, pty, select, sys, time

LIMIT = 60
program, instance, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
pid, fd = pty.fork()
if pid == 0:
    os.execv(program, ["aegis", "shell", instance])


def expect(text):
    """Reads until this has come."""
    seen = b""
    end = time.monotonic() + LIMIT
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
        if not ready:
            sys.exit(f"no {text!r} in {seen!r}")
        seen += os.read(fd, 65536)


expect(b"# ")
for _ in range(count):
    before = time.perf_counter()
    os.write(fd, b"x")
    expect(b"x")
    print((time.perf_counter() - before) * 1000, flush=True)
    os.write(fd, b"\x7f")  # Backspace, so that the line stays short.
    expect(b"\b")
os.write(fd, b"\x04")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
