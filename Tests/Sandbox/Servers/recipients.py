#!/usr/bin/env python3
"""Plays payment-orchestrator for those who ask it for recipients only: every payment has one.

The number follows from the payment's id; it hangs up on who asks about one whose id begins with dead0000. The first line on
standard output says where it listens: {"http": 8102}. Ends with its standard input.
"""

import http.server
import json
import socketserver
import sys
import threading
import uuid


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        payment = uuid.UUID(self.path.split("/")[3])
        if str(payment).startswith("dead0000"):
            self.close_connection = True
            return
        body = json.dumps({
            "firstName": "Ada", "lastName": "Martin", "phone": f"+336{payment.int % 100_000_000:08}",
            "email": "ada@example.org", "language": "fr", "clinicName": "Les Lilas",
            "amount": {"minorUnits": 20_000, "currency": "EUR"}, "payLink": "https://pay.example/p/token",
            "schedule": [],
        }).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"http": server.server_address[1]}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
