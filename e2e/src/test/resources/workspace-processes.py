# Runs in /workspace of a guest with two processors: processes that have one file open see one file, and nothing of it is lost.
import mmap, os, struct, sys, time

PAGE = 4096


# Runs each in a process of its own, and the watcher, if there is one, as long as they do.
def together(*work, watcher=None):
    watching = watcher and spawn(lambda: forever(watcher))
    failed = [what for what in [spawn(each) for each in work] if os.waitpid(what, 0)[1] != 0]
    if watching:
        os.kill(watching, 9)
        os.waitpid(watching, 0)
    if failed:
        sys.exit(f"{len(failed)} processes failed")


def spawn(work):
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


def forever(work):
    while True:
        work()


def write(name, content):
    with open(name, "wb") as f:
        f.write(content)


def numbers(name, count):
    with open(name, "rb") as f:
        return struct.unpack(f"{count}I", f.read(4 * count))


# The host counts the lines.
def appended():
    write("appended", b"")

    def append(letter):
        file = os.open("appended", os.O_WRONLY | os.O_APPEND)
        for i in range(1000):
            os.write(file, b"%c%06d\n" % (letter, i))
        os.close(file)

    together(lambda: append(b"a"), lambda: append(b"b"), watcher=lambda: os.stat("appended"))


# Each counts in a place of its own of one page, and opens the file anew for each number, while a fifth looks at it.
def counted():
    write("counted", bytes(PAGE))

    def count(place):
        for i in range(150):
            file = os.open("counted", os.O_RDWR | os.O_CREAT)
            page = mmap.mmap(file, PAGE)
            os.close(file)
            was, = struct.unpack_from("I", page, 4 * place)
            struct.pack_into("I", page, 4 * place, was + 1)
            if i % 4 == 0:
                time.sleep(.001)
            page.close()

    together(*(lambda place=place: count(place) for place in range(4)), watcher=lambda: os.stat("counted"))
    if numbers("counted", 4) != (150,) * 4:
        sys.exit(f"of 150 numbers each, {numbers('counted', 4)} are left")


# Two make a file at the same time, and each sees what the other writes to its mapping.
def made():
    to_second, to_first = os.pipe(), os.pipe()

    def make(place, say, hear):
        def meet():
            os.write(say, b".")
            os.read(hear, 1)

        for i in range(1, 51):
            if place == 0 and i > 1:
                os.unlink("made")
            meet()
            file = os.open("made", os.O_RDWR | os.O_CREAT)
            os.ftruncate(file, PAGE)
            page = mmap.mmap(file, PAGE)
            meet()
            struct.pack_into("I", page, 4 * place, i)
            meet()
            if struct.unpack_from("2I", page) != (i, i):
                sys.exit(f"turn {i}: two processes made one file, and have two")
            meet()
            page.close()
            os.close(file)

    together(lambda: make(0, to_second[1], to_first[0]), lambda: make(1, to_first[1], to_second[0]))


# What is written of a page, which nobody has read yet, and what is changed of it through a mapping. mmap() asks for the
# size, with which all is written; so it comes first.
def written_in_part():
    write("part", b"o" * PAGE)
    file = os.open("part", os.O_RDWR)
    page = mmap.mmap(file, PAGE)
    os.pwrite(file, b"written", 50)
    page[1000:1006] = b"mapped"
    page.close()
    os.close(file)
    expected = bytearray(b"o" * PAGE)
    expected[50:57] = b"written"
    expected[1000:1006] = b"mapped"
    with open("part", "rb") as f:
        if f.read() != expected:
            sys.exit("what was written, or what was changed through the mapping, is lost")


for what in (appended, counted, made, written_in_part):
    what()
    print("done", what.__name__, flush=True)
