"""A WebSocket server on port 80 that sends back each text of at most 125 bytes (RFC 6455)."""
import base64
import hashlib
import socketserver

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE = 8


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(self.key() + GUID).digest()) + b"\r\n\r\n"
        )
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == CLOSE:
                return
            mask = self.rfile.read(4)
            text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.rfile.read(head[1] & 127)))
            self.wfile.write(bytes([0x81, len(text)]) + text)

    def key(self):
        key = b""
        for line in iter(lambda: self.rfile.readline().strip(), b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"sec-websocket-key":
                key = value.strip()
        return key


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", 80), Echo).serve_forever()
