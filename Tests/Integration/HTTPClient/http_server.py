#!/usr/bin/env python3
"""An HTTP server whose paths misbehave on purpose; counts connections and requests.

The first line on standard output is its port and that of a server that never answers. Ends with its standard input.
"""

import argparse
import json
import os
import socket
import ssl
import struct
import sys
import threading
from collections import Counter

connections = 0
requests = Counter()
lock = threading.Lock()


class Connection:
    """One connection, request after request."""

    def __init__(self, stream):
        self.stream = stream
        self.file = stream.makefile("rb")
        self.answered = 0

    def run(self):
        try:
            while self.serve_one():
                self.answered += 1
        except (OSError, ValueError):
            pass
        finally:
            self.file.close()
            self.stream.close()

    def serve_one(self):
        line = self.file.readline()
        if not line:
            return False
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = []
        while (header := self.file.readline().rstrip(b"\r\n")) != b"":
            name, value = header.decode("utf-8").split(":", 1)
            headers.append([name, value.strip()])
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        body = self.file.read(length)
        with lock:
            requests[target] += 1
        return self.answer(method, target, headers, body)

    def answer(self, method, target, headers, body):
        if target.startswith("http://"):
            return self.reply(200, b"through the proxy: " + target.encode())
        if method == "CONNECT":
            return self.reply(403, b"no tunnel")
        path, _, argument = target.partition("?")
        name = "answer_" + path.strip("/").replace("-", "_")
        return getattr(self, name, self.answer_unknown)(method, argument, headers, body)

    def reply(self, status, body=b"", headers=(), method="GET"):
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
        self.stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + (b"" if method == "HEAD" else body))
        return True

    def reset(self):
        """A reset, not an orderly end."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def answer_unknown(self, *_):
        return self.reply(404)

    def answer_hello(self, method, *_):
        return self.reply(200, b"hello", method=method)

    def answer_echo(self, method, argument, headers, body):
        seen = {"method": method, "argument": argument, "headers": headers, "body": body.decode("latin-1")}
        return self.reply(200, json.dumps(seen).encode())

    def answer_slow(self, *_):
        threading.Event().wait(60)
        return False

    def answer_drip(self, *_):
        self.stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        return self.answer_slow()

    def answer_reset_before_response(self, *_):
        return self.reset()

    def answer_close_before_response(self, *_):
        return False

    def answer_reset_when_kept(self, *_):
        return self.reset() if self.answered else self.reply(200, b"first")

    def answer_reset_mid_response(self, *_):
        self.stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        return self.reset()

    def answer_short_response(self, *_):
        self.stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        return False

    def answer_large(self, method, argument, *_):
        return self.reply(200, b"x" * int(argument))

    def answer_large_chunked(self, method, argument, *_):
        return self.chunks([b"x" * 1000] * (int(argument) // 1000))

    def answer_chunked(self, *_):
        return self.chunks([b"one ", b"two ", b"three"])

    def chunks(self, pieces):
        self.stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in [*pieces, b""]:
            self.stream.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        return True

    def answer_limited(self, *_):
        return self.reply(429, headers=["Retry-After: 7"])

    def answer_limited_until(self, *_):
        dates = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 08:51:07 GMT"]
        return self.reply(503, headers=dates)

    def answer_redirect(self, *_):
        return self.reply(302, headers=["Location: /hello"])

    def answer_garbage(self, *_):
        self.stream.sendall(b"this is not HTTP\r\n\r\n")
        return False

    def answer_interim(self, *_):
        self.stream.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        return self.reply(200, b"final")

    def answer_long_head(self, *_):
        return self.reply(200, headers=[f"X-{number}: {'y' * 1000}" for number in range(90)])

    def answer_stats(self, *_):
        return self.reply(200, json.dumps({"connections": connections, "requests": requests}).encode())


def serve(stream, context):
    try:
        if context is not None:
            stream = context.wrap_socket(stream, server_side=True)
        Connection(stream).run()
    except (OSError, ssl.SSLError):
        stream.close()


def accept(listener, context):
    global connections
    while True:
        stream, _ = listener.accept()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with lock:
            connections += 1
        threading.Thread(target=serve, args=(stream, context), daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    threading.Thread(target=accept, args=(listener, context), daemon=True).start()
    # The system completes connections to it, and nobody ever says a word.
    mute = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], mute.getsockname()[1], flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
