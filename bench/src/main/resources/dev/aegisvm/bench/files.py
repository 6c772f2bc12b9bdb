"""What files cost in a directory of a guest, by the guest's clock, its caches dropped before each reading.

    files.py bytes DIRECTORY    writes and syncs 256 MiB, reads them: MB/s of both
    files.py tree DIRECTORY     makes a git repository of 10 000 files
    files.py status DIRECTORY   git status in it, without and with warm caches: milliseconds of both
"""
import os
import subprocess
import sys
import time

PIECE = 1 << 20
PIECES = 256


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("3")


def bytes_(directory):
    path = os.path.join(directory, "bytes")
    piece = os.urandom(PIECE)
    begin = time.monotonic()
    with open(path, "wb", buffering=0) as file:
        for _ in range(PIECES):
            file.write(piece)
        os.fsync(file.fileno())
    written = time.monotonic() - begin
    drop_caches()
    begin = time.monotonic()
    count = 0
    with open(path, "rb", buffering=0) as file:
        while got := file.read(PIECE):
            count += len(got)
    read = time.monotonic() - begin
    os.unlink(path)
    if count != PIECE * PIECES:
        sys.exit(f"{count} bytes came back")
    return PIECE * PIECES / 1e6 / written, PIECE * PIECES / 1e6 / read


def git(directory, *words):
    command = ["git", "-C", directory, "-c", "user.name=a", "-c", "user.email=a@localhost", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def tree(directory):
    for i in range(100):
        os.makedirs(f"{directory}/repository/d{i}")
        for j in range(100):
            with open(f"{directory}/repository/d{i}/f{j}", "w") as file:
                file.write(f"{i} {j}\n")
    repository = directory + "/repository"
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "all")
    git(repository, "status")
    return ()


def status(directory):
    times = []
    drop_caches()
    for _ in range(2):
        begin = time.monotonic()
        if git(directory + "/repository", "status", "--porcelain"):
            sys.exit("the work tree is not what was committed")
        times.append((time.monotonic() - begin) * 1e3)
    return times


print(*{"bytes": bytes_, "tree": tree, "status": status}[sys.argv[1]](sys.argv[2]))
