"""Makes two layers of an image that nobody would build by accident: DIRECTORY/lower.tar and DIRECTORY/upper.tar."""
import io
import os
import sys
import tarfile


class Layer:
    def __init__(self, name):
        self.tar = tarfile.open(os.path.join(sys.argv[1], name), "w", format=tarfile.PAX_FORMAT)

    def add(self, name, kind=tarfile.REGTYPE, content="", **more):
        info = tarfile.TarInfo(name)
        info.type = kind
        info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
        info.size = len(content)
        for key, value in more.items():
            setattr(info, key, value)
        self.tar.addfile(info, io.BytesIO(content.encode()))
        return self

    def directory(self, name, **more):
        return self.add(name, tarfile.DIRTYPE, **more)

    def symlink(self, name, target):
        return self.add(name, tarfile.SYMTYPE, linkname=target, mode=0o777)

    def link(self, name, target):
        return self.add(name, tarfile.LNKTYPE, linkname=target)


lower = Layer("lower.tar")
lower.directory("odd").directory("odd/full").directory("odd/full/deep").directory("odd/gone").directory("odd/becomes-file")
for name in "full/1", "full/deep/2", "gone/3", "becomes-file/4", "becomes-directory", "alone":
    lower.add("odd/" + name, content=name)
# A hard link to a file that the upper layer replaces keeps what it had.
lower.add("odd/replaced", content="lower").link("odd/kept", "odd/replaced").link("odd/kept-too", "odd/kept")
# Ways out.
lower.symlink("odd/etc", "/etc").symlink("odd/up", "../../../../../../etc").symlink("odd/dangling", "/nowhere/at/all")
lower.add("../../../../odd/above", content="above").add("/odd/absolute", content="absolute")
lower.add("odd/full/../dots", content="dots").link("odd/passwd", "../../../etc/passwd")
# Devices, rights, owners, names, attributes.
lower.add("odd/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666)
lower.add("odd/disk", tarfile.BLKTYPE, devmajor=254, devminor=0, mode=0o600).add("odd/pipe", tarfile.FIFOTYPE)
lower.add("odd/setuid", content="#!/bin/sh\n", mode=0o6755, uid=1234, gid=4_000_000_000)
lower.add("odd/" + "n" * 255, content="long").add("odd/a\nline", content="newline").add("odd/ \u00e4 ", content="umlaut")
lower.directory("odd/sticky", mode=0o1777)
capability = "\x01\x00\x00\x02\x00\x04\x00\x00" + "\x00" * 12
lower.add(
    "odd/attributes",
    content="attributes",
    pax_headers={"SCHILY.xattr.user.note": "a value", "SCHILY.xattr.security.capability": capability},
)

upper = Layer("upper.tar")
upper.add("odd/replaced", content="upper").link("odd/of-the-kept", "odd/kept-too")
upper.add("odd/full/new", content="new").add("odd/full/.wh..wh..opq").add("odd/full/newer", content="newer")
upper.add("odd/.wh.gone").add("odd/.wh.never-there").add("usr/share/.wh.doc")
upper.add("odd/becomes-file", content="file").directory("odd/becomes-directory").add("odd/becomes-directory/5", content="5")
# Through links, into what lower layers have.
upper.add("odd/etc/through-absolute", content="1").add("odd/up/through-relative", content="2")
upper.add("bin/through-usr", content="3", mode=0o755).add("odd/etc/.wh.issue")
upper.link("odd/shell", "bin/sh")

lower.tar.close()
upper.tar.close()
