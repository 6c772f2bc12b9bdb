# Runs in /workspace of a guest: what programs do there that is hard for a file system. Ends with 1 at the first that fails.
import mmap, os, sqlite3, subprocess, sys


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def git():
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    run("git", "init", "-q", "repository")
    for i in range(200):
        with open(f"repository/f{i}", "w") as f:
            f.write(f"{i}\n" * 100)
    run("git", "add", ".", cwd="repository")
    run("git", *who, "commit", "-qm", "all", cwd="repository")
    run("git", "mv", "f1", "g1", cwd="repository")
    os.symlink("f2", "repository/link")
    run("git", "add", ".", cwd="repository")
    run("git", *who, "commit", "-qm", "moved", cwd="repository")
    run("git", "gc", "-q", cwd="repository")
    run("git", "fsck", "--strict", cwd="repository")
    run("git", "clone", "-q", "repository", "clone")
    run("git", "worktree", "add", "-q", "../worktree", cwd="clone")
    if run("git", "status", "--porcelain", cwd="worktree") or os.readlink("worktree/link") != "f2":
        sys.exit("the work tree is not what was committed")


# One process writes, another reads, by way of the shared memory file of the write-ahead log.
def sqlite():
    writer = sqlite3.connect("data.db", timeout=60)
    mode = writer.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        sys.exit(f"SQLite has no write-ahead log here but {mode}")
    writer.execute("CREATE TABLE t (i INTEGER)")
    writer.commit()
    reads = "import sqlite3; c = sqlite3.connect('data.db', timeout=60)\n" \
            "while c.execute('SELECT count(*) FROM t').fetchone()[0] < 500: pass\n" \
            "c.execute('INSERT INTO t VALUES (-1)'); c.commit()"
    reader = subprocess.Popen([sys.executable, "-c", reads])
    for i in range(500):
        writer.execute("INSERT INTO t VALUES (?)", (i,))
        if i % 50 == 0:
            writer.commit()
    writer.commit()
    if reader.wait(120) != 0:
        sys.exit("the second process did not see what the first one wrote")
    if writer.execute("SELECT count(*) FROM t").fetchone()[0] != 501:
        sys.exit("the first process did not see what the second one wrote")
    if not os.path.exists("data.db-shm"):
        sys.exit("there is no shared memory file")
    if writer.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        sys.exit("the database is damaged")


def mapped():
    with open("mapped", "wb+") as f:
        f.truncate(1 << 20)
        with mmap.mmap(f.fileno(), 1 << 20) as view:
            view[4096:4100] = b"here"
            view.flush()
    with open("mapped", "rb") as f:
        f.seek(4096)
        if f.read(4) != b"here":
            sys.exit("what was written to a mapping is not in the file")


def python():
    run(sys.executable, "-m", "venv", "--without-pip", "env")
    packages = run("env/bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    with open(packages + "/installed.py", "w") as f:
        f.write("print(__import__('sys').prefix)")
    if run("env/bin/python", "-m", "installed").strip() != "/workspace/env":
        sys.exit("the virtual environment is none")


def locks():
    holder = subprocess.Popen(["flock", "lock", "sh", "-c", "echo held; read end"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    if subprocess.run(["flock", "-n", "lock", "true"]).returncode == 0:
        sys.exit("two processes hold one lock")
    holder.communicate(b"\n")


for what in (git, sqlite, mapped, python, locks):
    what()
    print("done", what.__name__, flush=True)
