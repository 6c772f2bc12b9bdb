"""Prints "found" if the memory of the process $1 contains what is on stdin, and "not found" otherwise."""

import sys

needle = sys.stdin.buffer.read()
assert needle
PIECE = 1 << 24
read = 0
with open(f"/proc/{sys.argv[1]}/maps") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb", buffering=0) as memory:
    for line in maps:
        words = line.split()
        if words[1][0] != "r" or words[-1] in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
            continue
        start, end = (int(word, 16) for word in words[0].split("-"))
        rest = b""
        while start < end:
            try:
                memory.seek(start)
                piece = memory.read(min(PIECE, end - start))
            except OSError:  # behind the end of the file that is mapped
                break
            if not piece:
                break
            if needle in rest + piece:
                print("found")
                sys.exit()
            rest = piece[1 - len(needle) :]
            start += len(piece)
            read += len(piece)
assert read > 1 << 24, "its memory was not read"
print("not found")
