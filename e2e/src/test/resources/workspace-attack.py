# Runs as root in a guest, in /workspace. Each attack that gets what it should not prints a line that begins with BREACH.
import ctypes, errno, os, stat, struct, sys

ROOT = "/workspace"
OUTSIDE = sys.argv[1]  # a directory of the host beside the workspace, with a file `secret`

# EINVAL: to the user namespace of an ordinary user's VM, other owners do not exist.
REFUSALS = (errno.EPERM, errno.EACCES, errno.EROFS, errno.EINVAL)


def breach(what):
    print("BREACH", what, flush=True)


def refused(what, call, *args, errors=REFUSALS, **more):
    try:
        result = call(*args, **more)
    except OSError as e:
        if e.errno not in errors:
            breach(f"{what}: refused, but with {e}")
        return
    breach(f"{what}: went through with {result!r}")


def links():
    up = "../" * 20
    targets = [OUTSIDE + "/secret", up + OUTSIDE.lstrip("/") + "/secret", "/proc/1/root" + OUTSIDE + "/secret", "../secret", ".."]
    for i, target in enumerate(targets):
        name = f"link{i}"
        os.symlink(target, name)
        if os.readlink(name) != target:
            breach(f"the link {target} says {os.readlink(name)}")
        for how in ("r", "w"):
            try:
                with open(name, how) as f:
                    if how == "r" and "outside" in f.read():
                        breach(f"{target} was read")
            except OSError:
                pass
        # A hard link to a symbolic link is one to the link itself.
        os.link(name, f"hard{i}", follow_symlinks=False)
        if not stat.S_ISLNK(os.lstat(f"hard{i}").st_mode):
            breach(f"a hard link followed {target}")
        refused(f"chown through {target}", os.lchown, name, 12345, 12345)
    if os.stat(ROOT + "/..").st_ino != os.stat("/").st_ino:
        breach(".. of the workspace is not the guest's own root")


def rights():
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        refused(f"mknod {kind:o}", os.mknod, "device", kind | 0o666, os.makedev(1, 3))
    os.mkfifo("fifo")
    os.mknod("socket", stat.S_IFSOCK | 0o600)
    with open("program", "w") as f:
        f.write("#!/bin/sh\nid\n")
    for mode in (0o4755, 0o2755, 0o6777):
        refused(f"chmod {mode:o}", os.chmod, "program", mode)
        refused(f"open with {mode:o}", os.open, f"opened{mode:o}", os.O_CREAT | os.O_WRONLY, mode)
        refused(f"mknod with {mode:o}", os.mknod, f"node{mode:o}", stat.S_IFREG | mode)
    refused("chmod g+s of a directory", os.chmod, os.makedirs("directory") or "directory", 0o2777)
    for owner in ((12345, -1), (-1, 12345), (12345, 12345)):
        refused(f"chown {owner}", os.chown, "program", *owner)
    no_rights = struct.pack("<IIIII", 0x02000001, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0)  # struct vfs_cap_data of capability(7)
    for name in ("security.capability", "trusted.x"):
        refused(f"xattr {name}", os.setxattr, "program", name, no_rights,
                errors=(errno.EPERM, errno.EACCES, errno.EOPNOTSUPP))
    os.chmod("program", 0o755)


def names():
    for name in (b"new\nline", b"\x1b[31mred", b"-rf", b"  ", b"x" * 255, b"\xff\xfe", "ünï".encode(), b"a\\b", b"'\"$(id)`"):
        with open(os.path.join(b"odd", name), "wb") as f:
            f.write(name)
    found = sorted(os.listdir(b"odd"))
    for name in found:
        with open(os.path.join(b"odd", name), "rb") as f:
            if f.read() != name:
                breach(f"{name!r} holds something else")
    if len(found) != 9:
        breach(f"odd names: {found!r}")


# Deeper than a path can be long, by name after name.
def deep():
    os.mkdir("deep")
    os.chdir("deep")
    depth = 0
    try:
        while depth < 300:
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
            depth += 1
    except OSError as e:
        if e.errno not in (errno.ENAMETOOLONG, errno.ENOENT):
            breach(f"a tree {depth} deep: {e}")
    os.chdir(ROOT)
    print("depth", depth)


# The host's side turns `race/d` from a directory into a link that leads outside and back, all the time.
def races():
    reads = {}
    tries = 0
    while not os.path.exists("race/over"):
        tries += 1
        try:
            with open("race/d/secret") as f:
                text = f.read()
                reads[text] = reads.get(text, 0) + 1
            with open(f"race/d/written-{tries % 50}", "w") as f:
                f.write("by the guest")
            os.rename(f"race/d/written-{tries % 50}", f"race/d/renamed-{tries % 50}")
            os.link("race/d/secret", f"race/linked-{tries}")
            os.unlink(f"race/linked-{tries}")
        except OSError:
            pass
    print("race", tries, reads)
    for text in reads:
        if text != "inside":
            breach(f"the race read {text!r}")


# The device mounted anew, asking for another directory: it is the same one.
def anew():
    os.chdir("/")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.umount2(b"/workspace", 0) != 0:
        breach("the workspace cannot be unmounted: " + os.strerror(ctypes.get_errno()))
    for aname in (b"/", b"..", b"../..", b"/etc"):
        options = b"trans=virtio,version=9p2000.L,cache=mmap,aname=" + aname
        if libc.mount(b"share", b"/workspace", b"9p", 0, options) != 0:
            breach(f"{aname} cannot be mounted: " + os.strerror(ctypes.get_errno()))
        elif not os.path.isdir("/workspace/odd"):
            breach(f"{aname} is another directory: {os.listdir('/workspace')}")
        if aname != b"/etc":
            libc.umount2(b"/workspace", 0)


os.chdir(ROOT)
os.makedirs("odd", exist_ok=True)
print("ready", flush=True)
for attack in (links, rights, names, deep, anew, races):
    os.chdir(ROOT)
    attack()
    print("done", attack.__name__, flush=True)
