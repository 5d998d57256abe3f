#!/usr/bin/env python3
"""Kannel itself, with its fake SMSC, as processes of a test's own on loopback.

The first line on standard output says where its smsbox and these answers listen: {"smsbox": 13013, "http": 8025}.

  GET  /messages                                 what arrived at the fake SMSC, parts put together
  GET  /count                                    how many submissions arrived there
  POST /signal?process=bearerbox&signal=STOP     sends a signal to bearerbox or smsbox
  POST /start                                    starts what has ended
  POST /reply?from=%2B336…&to=36180&text=STOP    a phone writes

Arguments: who may send, what proves it, and, where replies go anywhere, the address they are given to.

Ends with its standard input.
"""

import json
import os
import re
import signal
import socket
import sys
import threading
from urllib.parse import unquote_to_bytes

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from children import START_SECONDS_MAX, Folder, free_ports, program, serve_until_input_ends, start, wait_for_port

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = nobody-asks
smsbox-port = {boxes}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
log-level = 2

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {smsbox}
sendsms-interface = "127.0.0.1"
http-request-retry = 100
http-queue-delay = 1
log-level = 2

group = sendsms-user
username = "{user}"
password = "{password}"
max-messages = 20
concatenation = true

group = sms-service
keyword = default
catch-all = true
{service}
max-messages = 0
"""

RECEIVED = re.compile(rb"Got message \d+: <(.*) (\+\d+) (text|ucs-2|udh|data) (.*)>$")
JOINED = re.compile(rb"(\S+) (text|ucs-2|data) (.*)$")


class Phone:
    """What the fake SMSC received, as a phone would show it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.submissions = 0
        self.shown = []
        self.open = {}

    def read(self, line):
        found = RECEIVED.search(line)
        if found is None:
            return
        sender, to, kind, rest = found.groups()
        with self.lock:
            self.submissions += 1
            if kind == b"udh":
                self.join(sender, to, rest)
            else:
                self.show(sender, to, self.text(kind, rest), 1)

    def join(self, sender, to, rest):
        header, kind, data = JOINED.match(rest).groups()
        *_, reference, parts, number = unquote_to_bytes(header)
        waiting = self.open.setdefault((to, reference), {})
        waiting[number] = self.text(kind, data)
        if len(waiting) == parts:
            del self.open[(to, reference)]
            self.show(sender, to, "".join(waiting[place] for place in sorted(waiting)), parts)

    def text(self, kind, data):
        if kind == b"text":
            return data.decode()
        octets = unquote_to_bytes(data.replace(b"+", b" "))
        if kind == b"data":
            # Parts name no alphabet; only one of the two has octets of zero here, and a pair cut in two is an error.
            kind = b"text" if self.is_utf8(octets) else b"ucs-2"
        return octets.decode("utf-16-be" if kind == b"ucs-2" else "utf-8", errors="replace")

    def is_utf8(self, octets):
        try:
            return "\0" not in octets.decode()
        except UnicodeDecodeError:
            return False

    def show(self, sender, to, text, parts):
        self.shown.append({"sender": sender.decode(), "to": to.decode(), "shown": text, "parts": parts})

    def messages(self, query):
        with self.lock:
            return [message for message in self.shown if query.get("to", [message["to"]])[0] == message["to"]]

    def count(self, query):
        with self.lock:
            return {"submissions": self.submissions}


class Kannel:
    def __init__(self, folder, phone):
        self.folder, self.phone, self.children = folder, phone, {}
        admin, boxes, self.smsc, self.smsbox = free_ports(4)
        self.ports = {"bearerbox": boxes, "smsbox": self.smsbox}
        self.configuration = os.path.join(folder, "kannel.conf")
        with open(self.configuration, "w") as file:
            file.write(CONFIGURATION.format(
                admin=admin, boxes=boxes, smsc=self.smsc, smsbox=self.smsbox, user=sys.argv[1], password=sys.argv[2],
                service=f'get-url = "{sys.argv[3]}"' if len(sys.argv) > 3 else 'text = "none"'))
        self.start({})

    def start(self, query):
        bearerbox = self.children.get("bearerbox")
        if bearerbox is not None and bearerbox.poll() is not None:
            # Without it smsbox and the fake SMSC are on their way out.
            self.end()
        for name in ["bearerbox", "smsbox"]:
            if self.children.get(name) is None or self.children[name].poll() is not None:
                log = os.path.join(self.folder, f"{name}.log")
                self.children[name] = start([program(name, "kannel"), self.configuration], log)
                wait_for_port(self.ports[name], log)
        fake = self.children.get("fakesmsc")
        if fake is None or fake.poll() is not None:
            self.start_fake()
        return {}

    def start_fake(self):
        wait_for_port(self.smsc, os.path.join(self.folder, "bearerbox.log"))
        log = os.path.join(self.folder, "fakesmsc.log")
        command = [program("fakesmsc", "kannel-extras"), "-H", "127.0.0.1", "-r", str(self.smsc), "-m", "0", "1 2 text x"]
        place = os.path.getsize(log) if os.path.exists(log) else 0
        self.children["fakesmsc"] = start(command, log)
        threading.Thread(target=self.follow, args=(log, place, self.children["fakesmsc"]), daemon=True).start()

    def follow(self, log, place, child):
        with open(log, "rb") as file:
            file.seek(place)
            rest = b""
            while True:
                is_over = child.poll() is not None
                *lines, rest = (rest + file.read()).split(b"\n")
                for line in lines:
                    self.phone.read(line)
                if is_over:
                    return
                threading.Event().wait(0.02)

    def reply(self, query):
        # There is one connection to a fake SMSC: its program makes way for the phone.
        self.children["fakesmsc"].kill()
        self.children["fakesmsc"].wait()
        with socket.create_connection(("127.0.0.1", self.smsc), timeout=START_SECONDS_MAX) as phone:
            phone.sendall(f"{query['from'][0]} {query['to'][0]} text {query['text'][0]}\n".encode())
        self.start_fake()
        return {}

    def signal(self, query):
        number = getattr(signal, "SIG" + query["signal"][0])
        child = self.children[query["process"][0]]
        child.send_signal(number)
        if number == signal.SIGKILL:
            child.wait()
        return {}

    def end(self):
        for child in self.children.values():
            child.kill()
            child.wait()


def main():
    with Folder() as folder:
        phone = Phone()
        kannel = Kannel(folder, phone)
        try:
            serve_until_input_ends(
                {("GET", "/messages"): phone.messages, ("GET", "/count"): phone.count,
                 ("POST", "/signal"): kannel.signal, ("POST", "/start"): kannel.start,
                 ("POST", "/reply"): kannel.reply},
                {"smsbox": kannel.smsbox})
        finally:
            kannel.end()


if __name__ == "__main__":
    main()
