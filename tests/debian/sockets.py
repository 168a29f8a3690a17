# Python's sockets: TCP, UDP, Unix, datagrams, descriptors over a socket, selectors, a web server and its client.
import array, http.server, os, select, selectors, socket, socketserver, struct, sys, threading, urllib.request
a, b = socket.socketpair(); a.sendall(b"pair"); print(b.recv(10), a.getpeername() == "", a.family.name, a.type.name); b.close(); print(a.recv(1))
try: a.send(b"x")
except BrokenPipeError as e: print(e)
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
def echo():
    while True:
        peer, _ = server.accept()
        with peer:
            while data := peer.recv(65536): peer.sendall(data)
            if peer.fileno() and False: break
threading.Thread(target=echo, daemon=True).start()
def client(n):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        data = bytes([n]) * (100_000 + n); threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start(); got = b""
        while part := s.recv(65536): got += part
        return got == data
print("tcp", [client(n) for n in range(3)])
one, two = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)); one.bind(("127.0.0.1", 0)); two.sendto(b"datagram", one.getsockname()); data, peer = one.recvfrom(100); one.sendto(data[::-1], peer); print("udp", two.recvfrom(100)[0]); one.settimeout(0.02)
try: one.recv(1)
except TimeoutError as e: print("timeout", e)
listener = socket.socket(socket.AF_UNIX); listener.bind("socket"); listener.listen(); c = socket.socket(socket.AF_UNIX); c.connect("socket"); s, address = listener.accept(); r, w = os.pipe(); socket.send_fds(s, [b"fd"], [w]); message, fds, *_ = socket.recv_fds(c, 10, 4); os.write(fds[0], b"through a passed descriptor"); print(message, os.read(r, 100), s.getsockname(), struct.unpack("3i", c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == os.getpid())
try: socket.create_connection(("127.0.0.1", 1), timeout=5)
except ConnectionRefusedError as e: print(e.strerror)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM, s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)); s.setblocking(False)
try: s.bind(("203.0.113.1", 0))
except OSError as e: print(e.strerror)
selector = selectors.DefaultSelector(); left, right = socket.socketpair(); selector.register(left, selectors.EVENT_READ, "left"); right.send(b"x"); print(type(selector).__name__, [key.data for key, _ in selector.select(5)])
print(socket.gethostbyname("127.0.0.1"), socket.inet_pton(socket.AF_INET6, "::1").hex(), socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4], socket.htons(1))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b"path " + self.path.encode())
    def log_message(self, *_): pass
web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler); threading.Thread(target=web.serve_forever, daemon=True).start(); print("http", [urllib.request.urlopen(f"http://127.0.0.1:{web.server_port}/{n}").read() for n in range(3)]); web.shutdown()
with socketserver.ForkingTCPServer(("127.0.0.1", 0), type("Fork", (socketserver.StreamRequestHandler,), {"handle": lambda self: self.wfile.write(b"forked " + self.rfile.readline())})) as forking:
    threading.Thread(target=forking.serve_forever, daemon=True).start()
    with socket.create_connection(forking.server_address) as s: s.sendall(b"line\n"); print(s.makefile().read()); forking.shutdown()
