#!/usr/bin/env python3
"""The mail server of the sandbox: takes mails over SMTP, keeps them in memory, lists them over HTTP.

SMTP offers STARTTLS when it has a certificate and AUTH when it has a user. The mailbox answers on loopback:

  GET    /health                    and how many connections were made to send mail
  GET    /messages[?to=address]     what was accepted, oldest first
  DELETE /messages                  forgets all of it
  GET    /behaviour                 the rules in force
  PUT    /behaviour                 sets them: {"rules": [{"mode": "refuse", "to": "a@b.example", "times": 1}]}

Modes: refuse (550 at the recipient, with its "words"), defer (450 at the recipient), refuse-data (554 after the content),
defer-data (451 after the content), lose-answer (accepted, then the connection is cut), cut-before-data (the connection is cut
instead of the answer to DATA), slow (accepted after `seconds`). A rule without `to` holds for every recipient, one
without `times` for ever. The first rule that fits is used.

The first line on standard output says where it listens: {"smtp": 2525, "http": 8025}. Stops on SIGTERM.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import signal
import ssl
import subprocess
import sys
import threading
import warnings
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

MODES = {"refuse", "defer", "refuse-data", "defer-data", "lose-answer", "cut-before-data", "slow"}
MESSAGES_MAX = 100_000
REQUEST_BYTES_MAX = 1 << 20


class Mailbox:
    """What was accepted and how to behave."""

    def __init__(self):
        self.messages = []
        self.rules = []
        self.connections = 0

    def set_rules(self, rules):
        for rule in rules:
            if rule.get("mode") not in MODES:
                raise ValueError(f"mode must be one of {', '.join(sorted(MODES))}")
        self.rules = [dict(rule) for rule in rules]

    def use_rule(self, modes, recipients):
        """The first rule of these modes for one of the recipients, counted as used."""
        for rule in self.rules:
            if rule["mode"] not in modes or rule.get("times", 1) <= 0:
                continue
            if rule.get("to") in (None, *recipients):
                if "times" in rule:
                    rule["times"] -= 1
                return rule
        return None

    def store(self, session, envelope):
        if len(self.messages) >= MESSAGES_MAX:
            self.messages.pop(0)
        self.messages.append(Mail(session, envelope))


class Mail:
    """A mail as it came; it is taken apart when somebody looks at it, since most are only counted."""

    def __init__(self, session, envelope):
        self.to = envelope.rcpt_tos
        self._content = envelope.content
        self._shown = {
            "from": envelope.mail_from,
            "to": self.to,
            "tls": session.ssl is not None,
            "authenticated": bool(session.authenticated),
        }

    def shown(self):
        if "raw" not in self._shown:
            parsed = email.message_from_bytes(self._content, policy=email.policy.default)
            self._shown |= {
                "subject": str(parsed["subject"] or ""),
                "messageID": str(parsed["message-id"] or ""),
                "headers": [[name, str(value)] for name, value in parsed.items()],
                "text": body_text(parsed, "plain"),
                "html": body_text(parsed, "html"),
                "attachments": [
                    {"fileName": part.get_filename(), "contentType": part.get_content_type(), "bytes": len(payload(part)),
                     "begins": payload(part)[:16].decode("latin-1")}
                    for part in parsed.iter_attachments()
                ],
                "raw": self._content.decode("utf-8", "replace"),
            }
        return self._shown


def body_text(message, kind):
    part = message.get_body((kind,))
    return part.get_content() if part is not None else None


def payload(part):
    return part.get_payload(decode=True) or b""


class Handler:
    """The server's answers, by the rules."""

    def __init__(self, mailbox):
        self.mailbox = mailbox

    async def handle_RCPT(self, server, session, envelope, address, options):
        rule = self.mailbox.use_rule({"refuse", "defer"}, [address])
        if rule is not None:
            if rule["mode"] == "defer":
                return "450 4.2.1 mailbox busy, try later"
            return f"550 5.1.1 {rule.get('words', 'no such mailbox')}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        modes = {"refuse-data", "defer-data", "lose-answer", "slow"}
        rule = self.mailbox.use_rule(modes, envelope.rcpt_tos) or {"mode": "accept"}
        if rule["mode"] == "refuse-data":
            return "554 5.7.1 content refused"
        if rule["mode"] == "defer-data":
            return "451 4.3.0 try later"
        self.mailbox.store(session, envelope)
        if rule["mode"] == "lose-answer":
            server.transport.abort()
        if rule["mode"] == "slow":
            await asyncio.sleep(float(rule.get("seconds", 30)))
        return f"250 2.0.0 queued as {len(self.mailbox.messages)}"


class Server(SMTP):
    """aiosmtpd's server, able to hang up when DATA is asked for."""

    def __init__(self, mailbox, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mailbox = mailbox
        mailbox.connections += 1

    async def smtp_DATA(self, arg):
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if self.mailbox.use_rule({"cut-before-data"}, recipients) is not None:
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        expected = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=isinstance(data, LoginPassword) and data == expected, handled=False)

    return check


def make_certificates(directory, host):
    """A CA and a certificate of it for the host, unless the directory has them already."""
    os.makedirs(directory, exist_ok=True)
    path = lambda name: os.path.join(directory, name)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    if not os.path.exists(path("server.pem")):
        run_openssl(
            ["req", "-x509", *new_key, "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=sandbox CA",
             "-addext", "keyUsage=critical,keyCertSign"])
        run_openssl(
            ["req", "-x509", *new_key, "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-keyout", path("server.key"),
             "-out", path("server.pem"), "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1",
             "-addext", "basicConstraints=critical,CA:FALSE"])
    return path("server.pem"), path("server.key")


def run_openssl(arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"openssl could not make a certificate: {done.stderr.strip()}")


def tls_context(directory, host):
    if directory is None:
        return None
    certificate, key = make_certificates(directory, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def answer_http(mailbox, reader, writer):
    """One request, one answer, then the connection is closed."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ", 2)
        length = min(content_length(head), REQUEST_BYTES_MAX)
        status, content = respond(mailbox, method, urlsplit(target), await reader.readexactly(length))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        status, content = "400 Bad Request", {"detail": str(error)}
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        writer.close()
        return
    body = json.dumps(content, ensure_ascii=False).encode()
    writer.write(
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n".encode() + body)
    await writer.drain()
    writer.close()


def content_length(head):
    for line in head.split("\r\n"):
        if line.lower().startswith("content-length:"):
            return int(line.split(":", 1)[1])
    return 0


def respond(mailbox, method, target, body):
    if (method, target.path) == ("GET", "/health"):
        return "200 OK", {"status": "ok", "connections": mailbox.connections}
    if (method, target.path) == ("GET", "/messages"):
        wanted = parse_qs(target.query).get("to")
        fits = lambda mail: wanted is None or wanted[0] in mail.to
        return "200 OK", {"messages": [mail.shown() for mail in mailbox.messages if fits(mail)]}
    if (method, target.path) == ("DELETE", "/messages"):
        mailbox.messages.clear()
        return "200 OK", {"messages": []}
    if (method, target.path) == ("PUT", "/behaviour"):
        mailbox.set_rules(json.loads(body)["rules"])
    if target.path == "/behaviour" and method in ("GET", "PUT"):
        return "200 OK", {"rules": mailbox.rules}
    return "404 Not Found", {"detail": f"nothing answers {method} {target.path}"}


async def serve(options):
    mailbox = Mailbox()
    context = tls_context(options.tls_directory, options.host_name)
    login = {}
    if options.user:
        login = {
            "authenticator": authenticator(options.user, options.password),
            "auth_required": True,
            "auth_require_tls": context is not None,
        }

    def smtp():
        return Server(
            mailbox, Handler(mailbox), hostname=options.host_name, data_size_limit=options.size_limit,
            tls_context=context, require_starttls=options.require_starttls and context is not None, **login)

    loop = asyncio.get_running_loop()
    smtp_server = await loop.create_server(smtp, options.address, options.smtp_port)
    http_server = await asyncio.start_server(
        lambda reader, writer: answer_http(mailbox, reader, writer), options.address, options.http_port)
    port = lambda server: server.sockets[0].getsockname()[1]
    print(json.dumps({"smtp": port(smtp_server), "http": port(http_server)}), flush=True)

    stop = asyncio.Event()
    # Whoever starts us may do so from a thread that blocks signals, and we would inherit that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.stop_with_input:
        # Not the loop's executor: its end would be waited for.
        threading.Thread(target=wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    await stop.wait()


def wait_for_end_of_input(loop, stop):
    """So that no server outlives the test that started it, even one that was killed."""
    sys.stdin.read()
    loop.call_soon_threadsafe(stop.set)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1", help="where to listen (default %(default)s)")
    parser.add_argument("--smtp-port", type=int, default=0, help="port for mails, 0 for any free one (default)")
    parser.add_argument("--http-port", type=int, default=0, help="port for the mailbox, 0 for any free one (default)")
    parser.add_argument("--host-name", default="localhost", help="name in the greeting and the certificate")
    parser.add_argument("--tls-directory", help="offers STARTTLS; ca.pem, server.pem and server.key are made if missing")
    parser.add_argument("--require-starttls", action="store_true", help="takes no mail without TLS")
    parser.add_argument("--user", help="demands this name")
    parser.add_argument("--password", default="", help="and this password")
    parser.add_argument("--size-limit", type=int, default=20 << 20, help="longest mail in bytes (default %(default)s)")
    parser.add_argument("--stop-with-input", action="store_true", help="stops when standard input ends")
    return parser.parse_args()


def main():
    # A client that hangs up is what this server is for, not something to report.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    asyncio.run(serve(parse_options()))
    # A thread may still wait for input; nothing is left to save.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
