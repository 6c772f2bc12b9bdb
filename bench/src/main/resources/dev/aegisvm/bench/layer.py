# Makes a directory with the files of a layer: one of 20 MB, and 900 of 32 KB, 30 in a directory. Their bytes become a little more than
# half as many when they are compressed, as those of programs do.
import os, sys

PIECE = 128
REPEATED = (b"what is said again and again" * PIECE)[:PIECE]


def write(path, size):
    noise = os.urandom(size // 2)
    with open(path, "wb") as file:
        for at in range(0, len(noise), PIECE):
            file.write(noise[at : at + PIECE] + REPEATED)


root = sys.argv[1]
os.mkdir(root)
write(f"{root}/large", 20 << 20)
for i in range(900):
    os.makedirs(f"{root}/d{i // 30}", exist_ok=True)
    write(f"{root}/d{i // 30}/f{i}", 32 << 10)
