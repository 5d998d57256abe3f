#!/usr/bin/env python3
"""Starts nginx with proxy.conf beside this file, plays Docker's name server and the services' containers, and says
whether what the proxy promises holds: no engine is needed, only nginx (Debian: nginx-light)."""
import http.client
import http.server
import json
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SERVICES = {8101: "invoicing", 8102: "payment-orchestrator", 8103: "notification", 8104: "reconciliation"}
SECONDS = 10


class Container(http.server.ThreadingHTTPServer):
    """One of a service's containers, at an address of its own."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, port):
        super().__init__((address, port), Answers)
        self.pieces, self.asked = queue.Queue(), []
        self.may_go_on, self.client_left, self.is_exported = (threading.Event() for _ in range(3))
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, address):
        pass  # Who leaves early is a part of the checks.

    def stop(self):
        self.shutdown()
        self.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/events"):
            return self.events()
        if self.path.startswith("/export"):
            self.begin("text/csv")
            for _ in range(100):
                self.piece(bytes(1 << 20))
            return self.server.is_exported.set()
        if self.path.startswith("/half"):
            self.begin("text/csv")
            self.piece(b"first row\n")
            return self.hang_up()
        self.answer({"at": self.server.server_address[0], "target": self.path, "headers": dict(self.headers.items())})

    def do_POST(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/dies"):
            return self.hang_up()
        total = 0
        for piece in self.body():
            total += len(piece)
            self.server.pieces.put(piece)
        self.answer({"at": self.server.server_address[0], "bytes": total})

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            left = int(self.headers.get("Content-Length", 0))
            while left:
                piece = self.rfile.read1(min(left, 1 << 16))
                left -= len(piece)
                yield piece

    def events(self):
        self.begin("text/event-stream")
        self.piece(b"data: orange\n\n")
        self.server.may_go_on.wait(SECONDS)
        self.piece(b"data: green\n\n")
        if self.rfile.read(1) == b"":
            self.server.client_left.set()
        self.close_connection = True

    def begin(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def piece(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Names:
    """Docker's name server: each service's name is the addresses of its containers."""

    def __init__(self):
        self.addresses = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            question, sender = self.socket.recvfrom(512)
            self.socket.sendto(self.answer(question), sender)

    def answer(self, question):
        place, labels = 12, []
        while length := question[place]:
            labels.append(question[place + 1:place + 1 + length].decode())
            place += 1 + length
        end, kind = place + 5, int.from_bytes(question[place + 1:place + 3], "big")
        found = self.addresses.get(".".join(labels)) if kind == 1 else []
        records = b"".join(
            b"\xc0\x0c\x00\x01\x00\x01" + (600).to_bytes(4, "big") + b"\x00\x04" + socket.inet_aton(address)
            for address in found or [])
        counts = b"\x00\x01" + len(found or []).to_bytes(2, "big") + bytes(4)
        flags = b"\x81\x80" if found is not None else b"\x81\x83"
        return question[:2] + flags + counts + question[12:end] + records


class Proxy:
    """nginx with the shipped configuration, on ports that are free here."""

    def __init__(self, names):
        self.containers = {}
        self.names, self.folder = names, pathlib.Path(tempfile.mkdtemp(prefix="quittance-proxy-"))
        # nginx started by root works as somebody else, who must reach what it keeps.
        self.folder.chmod(0o711)
        *self.ports, self.inner = free_ports(len(SERVICES) + 1)
        text = pathlib.Path(__file__).with_name("proxy.conf").read_text()
        # One worker, since each remembers names for itself.
        changes = [("127.0.0.11 ", f"127.0.0.1:{names.port} "), (":8080", f":{self.inner}"),
                   ("/tmp/", f"{self.folder}/"), ("/dev/stdout", f"{self.folder}/log"),
                   ("listen ", "listen 127.0.0.1:"), ("worker_processes auto", "worker_processes 1")]
        changes += [(str(old), str(new)) for old, new in zip(SERVICES, self.ports)]
        for old, new in changes:
            expect(old in text, f"proxy.conf has no {old!r}")
            text = text.replace(old, new)
        (self.folder / "proxy.conf").write_text(text)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([program, "-e", "stderr", "-c", str(self.folder / "proxy.conf")])
        eventually("nginx listens", lambda: is_open(self.ports[0]))

    def start(self, service, number):
        """One more container of a service."""
        address = f"127.0.{1 + list(SERVICES.values()).index(service)}.{number}"
        container = Container(address, self.inner)
        self.containers.setdefault(service, []).append(container)
        self.names.addresses.setdefault(service, []).append(address)
        return container

    def connect(self, service="invoicing"):
        port = self.ports[list(SERVICES.values()).index(service)]
        return http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def ask(self, target="/who", service="invoicing", method="GET", body=None, headers={}):
        connection = self.connect(service)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        try:
            text = response.read()
        finally:
            connection.close()
        is_json = (response.getheader("Content-Type") or "").endswith("json")
        expect(is_json, f"{method} {target[:40]} was answered with {response.status} {text[:60]}")
        return response, json.loads(text)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def is_open(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def eventually(what, holds):
    end = time.monotonic() + SECONDS
    while not holds():
        expect(time.monotonic() < end, f"not within {SECONDS} s: {what}")
        time.sleep(0.02)


def expect(holds, otherwise):
    if not holds:
        sys.exit(f"check-proxy: {otherwise}")


def finds_each_service(proxy):
    for service in SERVICES.values():
        container = proxy.start(service, 1)
        response, who = proxy.ask("/v1/a%2Fb//c?d=%20e&f", service, headers={"Host": "pay.example:444"})
        expect(response.status == 200 and who["at"] == container.server_address[0], f"{service} is not asked")
        expect(who["target"] == "/v1/a%2Fb//c?d=%20e&f", f"the target became {who['target']}")
        expect(who["headers"]["Host"] == "pay.example:444", f"the host became {who['headers']['Host']}")


def asked(proxy):
    """Which of invoicing's containers get requests now."""
    return {proxy.ask()[1]["at"] for _ in range(20)}


def shares_among_all(proxy):
    second = proxy.start("invoicing", 2)
    eventually("a container that came is asked too", lambda: asked(proxy) == {"127.0.1.1", "127.0.1.2"})
    # It stops, and its name is still there for a moment.
    second.stop()
    for method in ["GET", "POST"] * 20:
        response, _ = proxy.ask("/who", method=method, body=b"x" if method == "POST" else None)
        expect(response.status == 200, f"{method} met {response.status} while a container stopped")
    proxy.names.addresses["invoicing"].remove("127.0.1.2")


def passes_large_things(proxy):
    _, taken = proxy.ask("/file", method="POST", body=bytes(30 << 20))
    expect(taken["bytes"] == 30 << 20, f"of a file of 30 MiB {taken['bytes']} bytes arrived")
    response, who = proxy.ask("/who?" + "q" * 15_000, headers={"X-Long": "h" * 15_000})
    expect(response.status == 200 and len(who["headers"]["X-Long"]) == 15_000, "headers of 30,000 bytes do not pass")


def streams_bodies(proxy, container):
    while not container.pieces.empty():
        container.pieces.get()
    connection = proxy.connect()
    connection.putrequest("POST", "/file")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for row in [b"row one\n", b"row two\n"]:
        connection.send(b"%x\r\n%s\r\n" % (len(row), row))
        # It is there before the next is sent.
        expect(container.pieces.get(timeout=SECONDS) == row, "a body is not passed on while it arrives")
    connection.send(b"0\r\n\r\n")
    expect(json.loads(connection.getresponse().read())["bytes"] == 16, "a body in pieces arrived changed")
    connection.close()


def streams_answers(proxy, container):
    connection = proxy.connect()
    connection.request("GET", "/events")
    response = connection.getresponse()
    expect(response.readline() == b"data: orange\n", "an event is held back")
    response.readline()
    container.may_go_on.set()
    expect(response.readline() == b"data: green\n", "the second event is held back")
    response.close()
    connection.close()
    expect(container.client_left.wait(SECONDS), "a service does not hear that its client left")


def keeps_no_answers(proxy, container):
    connection = proxy.connect()
    connection.request("GET", "/export")
    response = connection.getresponse()
    response.read(1)
    expect(not container.is_exported.wait(1), "100 MiB are kept for a client that does not read")
    response.close()
    connection.close()


def passes_on_what_is_cut_off(proxy):
    try:
        proxy.ask("/half")
    except http.client.IncompleteRead:
        return
    expect(False, "half a file passes for a whole one")


def repeats_no_post(proxy, container):
    second = proxy.start("invoicing", 3)
    eventually("another container is asked too", lambda: len(asked(proxy)) == 2)
    for body in [None, b"{}"] * 5:
        response, problem = proxy.ask("/dies?token=of-a-link", method="POST", body=body)
        expect(response.status == 503 and problem["type"].endswith("/unavailable"), "a death is not told as a problem")
    seen = sum(one.asked.count("/dies?token=of-a-link") for one in (container, second))
    expect(seen == 10, f"of 10 requests that may not be repeated the containers saw {seen}")


def says_when_nobody_is_there(proxy):
    # Stopped, and then, when the second is over for which a name is believed, gone from the names too.
    proxy.containers["reconciliation"][0].stop()
    for _ in range(2):
        is_told_that_nobody_is_there(proxy)
        proxy.names.addresses.pop("reconciliation", None)
        time.sleep(1.5)


def is_told_that_nobody_is_there(proxy):
    response, problem = proxy.ask(service="reconciliation", method="POST", body=b"{}")
    kind = (response.status, response.getheader("Content-Type"), response.getheader("Retry-After"), problem["status"])
    expect(kind == (503, "application/problem+json", "1", 503), f"nobody is there, and the answer is {kind}")


def writes_no_addresses(proxy):
    text = (proxy.folder / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    expect(lines and all(line["message"] == "no answer" for line in lines), "failures are not logged")
    expect("token" not in text, "the log has the address of a request in it")


def main():
    proxy = Proxy(Names())
    try:
        finds_each_service(proxy)
        shares_among_all(proxy)
        container = proxy.containers["invoicing"][0]
        eventually("one container is left", lambda: asked(proxy) == {"127.0.1.1"})
        passes_large_things(proxy)
        streams_bodies(proxy, container)
        streams_answers(proxy, container)
        keeps_no_answers(proxy, container)
        passes_on_what_is_cut_off(proxy)
        repeats_no_post(proxy, container)
        says_when_nobody_is_there(proxy)
        writes_no_addresses(proxy)
    finally:
        proxy.stop()
    print("the proxy holds what it promises")


if __name__ == "__main__":
    main()
