# The servers of small-world.sh: names by DNS on port 53; HTTP on port 80, which says whom it was asked for and where, after N seconds for
# /after/N; and on port 2222 one that talks first, sends back what it gets, and ends late if asked to. On port 443, as api.test, files.test and plain.test, HTTPS that writes the
# headers X-Api-Key and Authorization of each request to a file. files.test has the files of $1/site, and SSH with the keys of $1/keys. $1
# is a directory with certificate and key, $2 where SSH has its root. Ends with its stdin.
import http.server, os, socket, socketserver, ssl, struct, subprocess, sys, threading, time

NAMES = {
    ("app.test", 1): socket.inet_aton("93.184.216.34"),
    ("api.test", 1): socket.inet_aton("93.184.216.34"),
    ("plain.test", 1): socket.inet_aton("93.184.216.34"),
    ("files.test", 1): socket.inet_aton("93.184.216.34"),
    ("evil.test", 1): socket.inet_aton("93.184.216.35"),
    ("lan.test", 1): socket.inet_aton("10.7.0.2"),
    ("beside.test", 28): socket.inet_pton(socket.AF_INET6, "2a01:77::2"),
    ("home.test", 1): socket.inet_aton("127.0.0.1"),
    ("cloud.test", 1): socket.inet_aton("169.254.169.254"),
    ("six.test", 28): socket.inet_pton(socket.AF_INET6, "2606:4700::1111"),
    ("both.test", 1): socket.inet_aton("93.184.216.34"),
    ("both.test", 28): socket.inet_pton(socket.AF_INET6, "2606:4700::1111"),
}


class Names(socketserver.BaseRequestHandler):
    def handle(self):
        query, server = self.request
        end = query.index(0, 12)
        at, labels = 12, []
        while at < end:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, kind = ".".join(labels).lower(), struct.unpack("!H", query[end + 1 : end + 3])[0]
        known = any(name == each for each, _ in NAMES)
        data = NAMES.get((name, kind))
        head = query[:2] + struct.pack("!HHHHH", 0x8580 if known else 0x8583, 1, 1 if data else 0, 0, 0)
        answer = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data if data else b""
        server.sendto(head + query[12 : end + 5] + answer, self.client_address)


class Pages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, page):
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_GET(self):
        if self.path.startswith("/after/"):
            time.sleep(float(self.path[7:]))
        if self.headers["Host"] == "files.test":
            super().do_GET()
        elif self.path.startswith("/bytes/"):
            self.answer(bytes(int(self.path[7:])))
        elif self.path.startswith("/project.git/info/refs"):
            self.answer(b"1234567890123456789012345678901234567890\trefs/heads/main\n")
        elif self.path.startswith("/project.git/HEAD"):
            self.answer(b"ref: refs/heads/main\n")
        else:
            self.answer(f"{self.headers['Host']} at {self.connection.getsockname()[0]}\n".encode())

    def do_PUT(self):
        got = 0
        while more := self.rfile.read1(min(65536, int(self.headers["Content-Length"]) - got)):
            got += len(more)
        self.answer(f"{got} bytes\n".encode())

    def log_message(self, *_):
        pass


class Keys(Pages):
    def parse_request(self):
        good = super().parse_request()
        if good:
            with open(sys.argv[1] + "/seen", "a") as seen:
                seen.write(f"{self.headers['X-Api-Key']} {self.headers['Authorization']}\n")
        return good


class First(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"first\n")
        late = 0
        while line := self.rfile.readline():
            self.wfile.write(line)
            late = int(line[5:]) if line.startswith(b"late ") else late
        time.sleep(late)
        self.wfile.write(b"last\n")


class Shell(socketserver.BaseRequestHandler):
    def handle(self):
        subprocess.run(["chroot", sys.argv[2], "dropbear", "-i", "-r", "/mnt/host", "-D", "/mnt"], stdin=self.request, stdout=self.request)


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 1024


os.mkdir(sys.argv[1] + "/site")
os.chdir(sys.argv[1] + "/site")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/server.pem", sys.argv[1] + "/server.key")
secure = Server(("::", 443), Keys)
secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
for server in (
    secure,
    socketserver.ThreadingUDPServer(("0.0.0.0", 53), Names),
    Server(("::", 80), Pages),
    Server(("::", 2222), First),
    Server(("::", 22), Shell),
):
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(sys.argv[1] + "/born", "w") as born:
    born.write("born\n")
sys.stdin.read()
