# The guest's part of `aegis doctor --attack`, as root in a VM; docs/SECURITY-PROBES.md says what each probe is for.
#
#     python3 probes.py live|first|second|facts|NAME KEY=VALUE…
#
# Each probe prints its name, a tab, and "held", "breach: what it got", "open: what it gets, as is known", or "failed: why it
# could not be tried"; each fact its name, a tab, and its value. `live` is the main process of both VMs; in one of them `first`
# attacks the host, and afterwards `second` looks in its neighbour for traces of that.
import contextlib, ctypes, fcntl, glob, os, select, signal, socket, stat, struct, sys, time, zlib

GIVEN = dict(word.split("=", 1) for word in sys.argv[2:])
PORT = int(GIVEN.get("port", "9"))  # on the host's loopback, where somebody listens
OUTSIDE = GIVEN.get("outside", "/outside")  # a directory of the host beside the workspace, with a file `secret`
W = "/workspace"
NOTES, HEARD = "/run/aegis-attack-facts", "/run/aegis-attack-heard"
FRAME = 0x88B5  # an Ethernet type for experiments: no router passes it on
libc = ctypes.CDLL(None, use_errno=True)


def say(name, value):
    print(f"{name}\t{str(value)[:2000]}", flush=True)


def attempt(probe):
    name = probe.__name__.replace("_", "-")
    try:
        got = probe()
        say(name, "held" if not got else got if got.startswith("open: ") else f"breach: {got}")
    except Exception as e:
        say(name, f"failed: {type(e).__name__}: {e}")


def went_through(call, *args, **more):
    try:
        call(*args, **more)
        return True
    except OSError:
        return False


# --- the host's loopback ---

OWN = ("127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::ffff:127.0.0.1")


def loopback_tcp():
    for host in OWN:
        try:
            with socket.create_connection((host, PORT), 2) as c:
                c.sendall(b"aegis attack\n")
            return f"{host} answered on port {PORT}"
        except OSError:
            pass


def loopback_udp():
    for host in OWN:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            went_through(s.sendto, b"aegis attack\n", (host, PORT))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


def packet(protocol, source, target, body, at):
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    pseudo = ends + struct.pack("!BBH", 0, protocol, len(body))
    body = body[:at] + checksum(pseudo + body) + body[at + 2 :]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0) + ends
    return head[:10] + checksum(head) + head[12:] + body


# The network device is up, whatever the instance's network is: a root can do that.
def device_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"eth0", 1))  # SIOCSIFFLAGS, IFF_UP


# The MAC address behind the gateway, by an ARP request of our own: what answers it is this side of the host's network. Everybody's
# where none does.
def gateway_mac(link, own):
    gateway = next(bytes.fromhex(line.split()[2])[::-1] for line in open("/proc/net/route") if line.split()[1] == "00000000")
    address = socket.inet_aton("10.0.2.15")
    link.send(b"\xff" * 6 + own + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + address + bytes(6) + gateway)
    while select.select([link], [], [], 3)[0]:
        frame = link.recv(2000)
        if frame[12:14] == b"\x08\x06" and frame[28:32] == gateway:
            return frame[22:28]
    return b"\xff" * 6


# Past the guest's own kernel: frames that name the host's loopback as their target.
def raw(protocol, body, at):
    device_up()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as link:
        link.bind(("eth0", 0))
        own = link.getsockname()[4]
        head = gateway_mac(link, own) + own + b"\x08\x00"
        for target in GIVEN.get("targets", "127.0.0.1,127.0.0.2,0.0.0.0").split(","):
            for source in ("10.0.2.15", "127.0.0.1", target):
                link.send(head + packet(protocol, source, target, body, at))


def loopback_raw_tcp():
    raw(6, struct.pack("!HHIIBBHHH", 40000, PORT, 1, 0, 0x50, 2, 65535, 0, 0), 16)


def loopback_raw_udp():
    data = b"aegis attack\n"
    raw(17, struct.pack("!HHHH", 40000, PORT, 8 + len(data), 0) + data, 6)


# Whether a connection is there to stay: the gateway takes each one, and ends at once those that it refuses.
def reached(host, port):
    try:
        with socket.create_connection((host, port), 5) as s:
            try:
                return s.recv(1) != b""
            except TimeoutError:
                return True
    except OSError:
        return False


# Whoever has a route of its own has one to everything, which is told without a packet; else the gateway is asked.
def near(*hosts):
    ways = [line.split()[0] for line in open("/proc/net/route") if line.split()[1] == "00000000"]
    if any(way != "aegis0" for way in ways):
        return "open: it has a route there, and nothing filters"
    found = [host for host in hosts if reached(host, 80)]
    return f"breach: {found[0]} was reached" if found else "held"


def vsock():
    for cid in (0, 2):  # the hypervisor, the host
        for port in (1, 22, 1024, PORT):
            try:
                with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as s:
                    s.settimeout(2)
                    s.connect((cid, port))
                return f"CID {cid} answered on port {port}"
            except OSError:
                pass


def reach():
    host, port = GIVEN["reach"].rsplit(":", 1)
    if reached(host.strip("[]"), int(port)):
        return "open: " + GIVEN["reach"] + " was reached"


# --- the workspace, and what is beside it on the host ---


def workspace_symlink():
    targets = [OUTSIDE + "/secret", "../outside/secret", "/proc/1/root" + OUTSIDE + "/secret", "../" * 20 + OUTSIDE[1:] + "/secret"]
    for i, target in enumerate(targets):
        link = f"{W}/link{i}"
        os.symlink(target, link)
        for how in ("r", "a"):
            try:
                with open(link, how) as f:
                    if how == "r" and f.read().startswith("outside"):
                        return f"{target} was read"
            except OSError:
                pass


def workspace_dotdot():
    here = os.open(W, os.O_RDONLY)
    above = os.open("..", os.O_RDONLY, dir_fd=here)
    inode, there = os.fstat(above).st_ino, os.listdir(above)
    os.close(above)
    os.close(here)
    if inode != os.stat("/").st_ino or "outside" in there:
        return f".. leads to {there}"


def workspace_hardlink():
    for i in range(4):
        went_through(os.link, f"{W}/link{i}", f"{W}/hard{i}", follow_symlinks=True)
        went_through(os.link, f"{W}/link{i}", f"{W}/same{i}", follow_symlinks=False)
        if os.path.isfile(f"{W}/hard{i}"):
            return f"a hard link to {os.readlink(f'{W}/link{i}')} was made"


def workspace_device():
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        if went_through(os.mknod, f"{W}/device{kind}", kind | 0o666, os.makedev(1, 3)):
            return "a device was made"


def workspace_setuid():
    with open(f"{W}/program", "w") as f:
        f.write("#!/bin/sh\nid\n")
    for mode in (0o4755, 0o2755, 0o6777):
        if went_through(os.chmod, f"{W}/program", mode) and os.stat(f"{W}/program").st_mode & 0o6000:
            return f"the mode {mode:o} was given"


def workspace_owner():
    open(f"{W}/owned", "w").close()
    for owner in ((12345, -1), (-1, 12345)):
        if went_through(os.chown, f"{W}/owned", *owner):
            return f"a file was given to {owner}"


# Meanwhile the host puts a link to OUTSIDE in the place of race/d and back.
def workspace_race():
    say("racing", "now")
    end = time.monotonic() + 3
    tries = 0
    try:
        while time.monotonic() < end:
            tries += 1
            try:
                with open(f"{W}/race/d/secret") as f:
                    if f.read().startswith("outside"):
                        return f"outside/secret was read at try {tries}"
                open(f"{W}/race/d/written{tries % 20}", "w").close()
            except OSError:
                pass
    finally:
        say("raced", tries)


def mount(source, target, kind, flags, options):
    return libc.mount(source, target, kind, flags, options) == 0


def workspace_remount():
    os.chdir("/")
    if libc.umount2(W.encode(), 0) != 0:
        raise OSError("the workspace cannot be unmounted: " + os.strerror(ctypes.get_errno()))
    for name in ("/", "..", "../..", "../outside", "/etc", OUTSIDE):
        if mount(b"share", W.encode(), b"9p", 0, b"trans=virtio,version=9p2000.L,aname=" + name.encode()):
            there = os.listdir(W)
            libc.umount2(W.encode(), 0)
            if "inside" not in there:
                return f"'{name}' gave {there}"


def workspace_readonly():
    mount(None, W.encode(), None, 32, None)  # MS_REMOUNT, without MS_RDONLY
    changes = [
        lambda: os.truncate(f"{W}/inside", 0), lambda: os.unlink(f"{W}/inside"), lambda: os.mkdir(f"{W}/new"),
        lambda: os.chmod(f"{W}/inside", 0o777), lambda: os.rename(f"{W}/inside", f"{W}/moved"),
        lambda: os.utime(f"{W}/inside", (1, 1)), lambda: os.symlink("x", f"{W}/newlink"),
    ]
    for number, change in enumerate(changes):
        if went_through(change):
            return f"change {number} went through"


# --- disks and devices ---


def write_at(device, offset, data=b"aegis attack"):
    fd = os.open(device, os.O_RDWR)
    try:
        os.pwrite(fd, data.ljust(4096), offset)
        os.fsync(fd)
    finally:
        os.close(fd)


def disk_size():
    with open("/dev/vdb", "rb") as f:  # the superblock of ext4
        f.seek(1024)
        block = f.read(1024)
    return struct.unpack_from("<I", block, 4)[0] * (1024 << struct.unpack_from("<I", block, 24)[0])


def disk_beyond():
    if went_through(write_at, "/dev/vdb", disk_size()):
        return f"the block at {disk_size()} was written"


def base_image():
    fd = os.open("/dev/vda", os.O_RDONLY)
    went_through(fcntl.ioctl, fd, 0x125D, struct.pack("i", 0))  # BLKROSET
    os.close(fd)
    if went_through(write_at, "/dev/vda", 32 << 20):
        return "a block of the image that all instances share was written"


def devices():
    known = {1: "network", 2: "disk", 3: "console", 9: "share"}
    found = [int(open(f).read(), 16) for f in glob.glob("/sys/bus/virtio/devices/*/device")]
    odd = [f"virtio device {kind}" for kind in found if kind not in known] + glob.glob("/sys/bus/pci/devices/*")
    if not found:
        raise OSError("no devices are seen")
    if odd:
        return "there is more than network, disks, console and share: " + ", ".join(odd)


def nested():
    flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags")).split()
    for flag in ("vmx", "svm"):
        if flag in flags:
            return f"open: its processor has {flag}"


def console_flood():
    say("flooding", "now")
    with open("/dev/hvc0", "wb", 0) as console:
        for _ in range(64):
            console.write(b"x" * 1023 + b"\n")
    say("flooded", "now")


def clock_set():
    now = time.time()
    time.clock_settime(time.CLOCK_REALTIME, 1e9)  # in 2001
    say("clock-was-set", "now")
    time.clock_settime(time.CLOCK_REALTIME, now)


# --- what belongs to the neighbour ---


# Whether bytes are there of which we know the beginning, the length and a checksum only: else we would find our own.
class Canary:
    def __init__(self):
        start, size, checksum = GIVEN["known"].split(":")
        self.start, self.size, self.checksum = start.encode(), int(size), int(checksum)

    def within(self, chunk):
        at = chunk.find(self.start)
        while at >= 0:
            if zlib.crc32(chunk[at : at + self.size]) == self.checksum:
                return True
            at = chunk.find(self.start, at + 1)
        return False


def pieces(fd, start, size):
    step = 4 << 20
    for offset in range(start, start + size, step):
        yield os.pread(fd, min(step + 256, start + size - offset), offset)


# All of this VM's memory, which began as a copy of what the neighbour's began as.
def memory_of_others():
    canary, read, end = Canary(), 0, time.monotonic() + 30
    fd = os.open("/proc/kcore", os.O_RDONLY)
    head = os.pread(fd, 64, 0)
    for i in range(struct.unpack_from("<H", head, 56)[0]):
        kind, _, offset, _, physical, size = struct.unpack("<IIQQQQ", os.pread(fd, 56, struct.unpack_from("<Q", head, 32)[0] + 56 * i)[:40])
        if kind != 1 or physical == 2**64 - 1 or size > 64 << 30:
            continue
        for chunk in pieces(fd, offset, size):
            read += len(chunk)
            if canary.within(chunk):
                return "the neighbour's secret is in this VM's memory"
            if time.monotonic() > end:
                break
    if read < 64 << 20:
        raise OSError(f"only {read} bytes of memory could be read")
    say("memory-read", read)


# The beginning and the end of this VM's disk; the neighbour has written its secret at the end of its own.
def disk_of_others():
    canary, part = Canary(), 64 << 20
    fd = os.open("/dev/vdb", os.O_RDONLY)
    for start in (0, disk_size() - part):
        if any(map(canary.within, pieces(fd, start, part))):
            return "what the neighbour wrote is on this VM's disk"


def secret_of_others():
    canary = Canary()
    places = glob.glob("/proc/[0-9]*/environ") + ["/proc/cmdline"] + glob.glob("/run/**", recursive=True) + glob.glob("/etc/*")
    for place in places:
        try:
            if os.path.isfile(place) and canary.within(open(place, "rb").read(1 << 20)):
                return f"the neighbour's secret is in {place}"
        except OSError:
            pass


# --- the parts of the two VMs ---


# What must differ from VM to VM.
def facts():
    say("random", os.urandom(32).hex())
    for name, file in (("machine-id", "/etc/machine-id"), ("boot-id", "/proc/sys/kernel/random/boot_id"), ("mac", "/sys/class/net/eth0/address")):
        say(name, open(file).read().strip())
    say("stack", next(line for line in open("/proc/self/maps") if "[stack]" in line).split("-")[0])
    say("kernel", next(line for line in open("/proc/kallsyms") if line.endswith(" _text\n")).split()[0])


# The main process of both: it notes the facts before anything else has run, and then whether a frame of the other VM comes.
def live():
    os.chdir("/")  # the other part unmounts the workspace
    with open(NOTES + ".new", "w") as notes, contextlib.redirect_stdout(notes):
        facts()
    with link() as heard:
        os.rename(NOTES + ".new", NOTES)
        while b"aegis attack" not in heard.recv(2000):
            pass
    open(HEARD, "w").close()
    signal.pause()


def noted():
    while not os.path.exists(NOTES):
        time.sleep(0.05)
    with open(NOTES) as notes:
        print(notes.read(), end="", flush=True)


def link():
    device_up()
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(FRAME))
    s.bind(("eth0", FRAME))
    return s


def first():
    say("clock", time.time())
    noted()
    say("lan", near("10.0.0.1", "172.16.0.1", "192.168.0.1"))
    say("metadata", near("169.254.169.254"))
    secret = next((value for name, value in os.environ.items() if name.startswith("AEGIS_ATTACK_")), "")
    write_at("/dev/vdb", disk_size() - 4096, secret.encode())
    for probe in (nested, loopback_tcp, loopback_udp, loopback_raw_tcp, loopback_raw_udp, vsock, workspace_symlink, workspace_dotdot,
                  workspace_hardlink, workspace_device, workspace_setuid, workspace_owner, workspace_race, workspace_remount,
                  disk_beyond, base_image, devices, console_flood, clock_set):
        attempt(probe)
    if "reach" in GIVEN:
        attempt(reach)
    with link() as out:
        for _ in range(20):
            out.send(b"\xff" * 6 + out.getsockname()[4] + struct.pack("!H", FRAME) + b"aegis attack".ljust(60))


def second():
    noted()
    say("clock-after", time.time())
    for probe in (frames_between, workspace_readonly, secret_of_others, disk_of_others, memory_of_others):
        attempt(probe)


def frames_between():
    if os.path.exists(HEARD):
        return "a frame of the neighbour's arrived"


if __name__ == "__main__":
    which = sys.argv[1].replace("-", "_")
    if which in ("facts", "live", "first", "second"):
        globals()[which]()
    else:
        attempt(globals()[which])
