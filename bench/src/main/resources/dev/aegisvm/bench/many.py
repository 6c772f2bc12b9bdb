# Opens as many connections to a host as are wanted, and when all are there asks for 1 kB on each. Prints how many milliseconds that
# took; fails when one of them does.
import resource, selectors, socket, sys, time

host, wanted = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 100, wanted + 100))
begin = time.monotonic()
address = socket.getaddrinfo(host, 80, socket.AF_INET, socket.SOCK_STREAM)[0][4]
waiting = selectors.DefaultSelector()
for _ in range(wanted):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(address)
    waiting.register(connection, selectors.EVENT_WRITE)
connections = []
while len(connections) < wanted:
    for key, _ in waiting.select():
        error = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            sys.exit(f"a connection failed: {error}")
        waiting.unregister(key.fileobj)
        connections.append(key.fileobj)
for connection in connections:
    connection.setblocking(True)
    connection.settimeout(120)
    connection.sendall(b"GET /bytes/1000 HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host.encode())
for connection in connections:
    got = b"".join(iter(lambda: connection.recv(4096), b""))
    if not got.startswith(b"HTTP/1.1 200") or len(got) < 1000:
        sys.exit(f"an answer was not whole: {got!r}")
print(f"{(time.monotonic() - begin) * 1000:.1f}")
