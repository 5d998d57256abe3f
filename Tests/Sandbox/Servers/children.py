"""What the scripts of this folder share: programs that end with them, free ports, and questions over HTTP."""

import ctypes
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qs, urlsplit

PR_SET_PDEATHSIG = 1
START_SECONDS_MAX = 20


def free_ports(count):
    """Ports nobody listened on a moment ago; all are held until all are known."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def program(name, package):
    """Where a program is; who runs tests may not have the folders of administrators on the path."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/kannel/test")
    if path is None:
        sys.exit(f"{name} is missing: run deploy/local/install --servers, or install Debian's package {package}")
    return path


def as_root(command):
    return command if os.geteuid() == 0 else ["sudo", "-n", *command]


def start(command, log):
    """Starts a program that is killed when this script dies, however it dies."""
    def die_with_parent():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGALRM})
    with open(log, "ab") as file:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, preexec_fn=die_with_parent)


def wait_for_port(port, log):
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    with open(log, errors="replace") as file:
        sys.exit(f"nothing listens on port {port}; its log says: {file.read()[-2000:]}")


class Folder:
    """A folder that is removed at the end; others may go through it, since servers drop their rights."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="quittance-server-")
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *error):
        subprocess.run(as_root(["rm", "-rf", self.path]), check=False)


def serve_until_input_ends(answers, ready):
    """Says `ready` with the port of the answers, then answers until standard input ends.

    `answers` has a function of the query for each method and path.
    """
    class Handler(http.server.BaseHTTPRequestHandler):
        def respond(self):
            target = urlsplit(self.path)
            answer = answers.get((self.command, target.path))
            if answer is None:
                return self.send_error(404)
            body = json.dumps(answer(parse_qs(target.query)), ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = respond

        def log_message(self, *arguments):
            pass

    def wait_for_end_of_input():
        sys.stdin.read()
        server.shutdown()

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    print(json.dumps(ready | {"http": server.server_address[1]}), flush=True)
    # Here and in no thread of its own: programs that are started for a question die with the thread that did it.
    server.serve_forever()
