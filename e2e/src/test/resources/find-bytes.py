"""Prints the files below directories that contain what is on stdin. Holes of sparse files are skipped, not read."""

import os
import sys

needle = sys.stdin.buffer.read()
assert needle


def pieces(descriptor):
    """The stretches of a file that have data, in pieces that overlap by the needle's length."""
    size = os.fstat(descriptor).st_size
    at = 0
    while at < size:
        try:
            at = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:  # no data any more
            return
        end = os.lseek(descriptor, at, os.SEEK_HOLE)
        while at < end:
            piece = os.pread(descriptor, 1 << 22, at)
            if not piece:
                return
            yield piece
            at += len(piece) if at + len(piece) >= end else max(1, len(piece) - len(needle))


read = 0
for root in sys.argv[1:]:
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            descriptor = os.open(path, os.O_RDONLY)
            if any(needle in piece for piece in pieces(descriptor)):
                print(path)
            os.close(descriptor)
            read += 1
assert read, "nothing was read"
