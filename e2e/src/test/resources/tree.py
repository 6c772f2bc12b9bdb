"""Writes down a tree, a line for each name: type, mode, owner, size, content, device, links, extended attributes.

    tree.py ROOT [NOT...]

NOT are paths below ROOT that are left out with all that is in them. Sizes of directories are of the file system, not of the
tree. Of names that are one file the first in order stands for all.
"""
import hashlib
import os
import stat
import sys

root = os.fsencode(sys.argv[1])
left_out = {os.fsencode(name) for name in sys.argv[2:]}
first_names = {}


def attributes(path):
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return " ".join(f"{name}={os.getxattr(path, name, follow_symlinks=False).hex()}" for name in names)


def content(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def describe(name, path):
    is_ = os.lstat(path)
    words = [repr(name), oct(is_.st_mode), f"{is_.st_uid}:{is_.st_gid}"]
    if not stat.S_ISDIR(is_.st_mode):
        first = first_names.setdefault((is_.st_dev, is_.st_ino), name)
        words += [f"links={is_.st_nlink}", f"is={first!r}", f"size={is_.st_size}"]
    if stat.S_ISREG(is_.st_mode):
        words.append(content(path))
    elif stat.S_ISLNK(is_.st_mode):
        words.append(f"-> {os.readlink(path)!r}")
    elif stat.S_ISCHR(is_.st_mode) or stat.S_ISBLK(is_.st_mode):
        words.append(f"device={os.major(is_.st_rdev)}:{os.minor(is_.st_rdev)}")
    words.append(attributes(path))
    print(*words)
    return stat.S_ISDIR(is_.st_mode)


def walk(name):
    path = root + name
    if name in left_out or not describe(name, path):
        return
    for child in sorted(os.listdir(path)):
        walk(name.rstrip(b"/") + b"/" + child)


walk(b"/")
