#!/usr/bin/env python3
"""Postfix and Dovecot themselves, as processes of a test's own on loopback.

Postfix takes mails on its submission port with STARTTLS and after authentication only, which Dovecot checks; it keeps
every mail for example.org, and sends nothing anywhere. Dovecot shows the mails by IMAP.

The first line on standard output says where they listen and whom they trust:
{"smtp": 2587, "smtps": 2465, "http": 8025, "authority": "/tmp/.../ca.pem"}.

  GET  /messages?to=address   what is in the mailbox, read by IMAP

Mails to gone@example.org are refused, those to busy@example.org put off. Ends with its standard input.
"""

import email
import email.policy
import imaplib
import os
import pwd
import ssl
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from children import Folder, as_root, free_ports, program, serve_until_input_ends, start, wait_for_port

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Mail"))
from mail_server import body_text, make_certificates, payload

POSTFIX = """
compatibility_level = 3.6
myhostname = localhost
mydomain = localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:5.1.2 nothing leaves this server
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
message_size_limit = 300000
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{authentication}
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = inline:{{ {{ gone@example.org = 550 5.1.1 no such mailbox }}, {{ busy@example.org = 450 4.2.1 try later }} }}, permit_sasl_authenticated, reject
"""

SERVICES = """
{smtp}     inet  n  -  n  -  -  smtpd
{smtps}    inet  n  -  n  -  -  smtpd -o smtpd_tls_wrappermode=yes
postlog    unix-dgram n - n - 1 postlogd
pickup     unix  n  -  n  60 1  pickup
cleanup    unix  n  -  n  -  0  cleanup
qmgr       unix  n  -  n  300 1 qmgr
tlsmgr     unix  -  -  n  1000? 1 tlsmgr
rewrite    unix  -  -  n  -  -  trivial-rewrite
bounce     unix  -  -  n  -  0  bounce
defer      unix  -  -  n  -  0  bounce
trace      unix  -  -  n  -  0  bounce
error      unix  -  -  n  -  -  error
retry      unix  -  -  n  -  -  error
discard    unix  -  -  n  -  -  discard
virtual    unix  -  n  n  -  -  virtual
anvil      unix  -  -  n  -  1  anvil
proxymap   unix  -  -  n  -  -  proxymap
"""

DOVECOT = """
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/all
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {authentication}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class MailServer:
    def __init__(self, folder, user, password):
        self.folder, self.login = folder, (user, password)
        self.smtp, self.smtps, self.imap, authentication = free_ports(4)
        make_certificates(folder, "localhost")
        owner = pwd.getpwnam("mail")
        values = {
            "folder": folder, "user": user, "password": password, "smtp": self.smtp, "smtps": self.smtps,
            "imap": self.imap,
            "authentication": authentication, "uid": owner.pw_uid, "gid": owner.pw_gid}
        self.write("main.cf", POSTFIX, values)
        self.write("master.cf", SERVICES, values)
        self.write("dovecot.conf", DOVECOT, values)
        self.write("users", "{user}:{{PLAIN}}{password}\n", values)
        self.make_folders(owner)
        self.children = [
            self.start("dovecot", ["-F", "-c", f"{folder}/dovecot.conf"], "dovecot-imapd"),
            self.start_postfix(),
        ]
        wait_for_port(authentication, f"{folder}/dovecot.log")
        wait_for_port(self.smtp, f"{folder}/postfix-master.log")

    def write(self, name, text, values):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text.format(**values))

    def make_folders(self, owner):
        for name in ["queue", "data", "mail", "dovecot", "dovecot-state"]:
            os.mkdir(f"{self.folder}/{name}")
        subprocess.run(as_root(["chown", f"{owner.pw_uid}:{owner.pw_gid}", f"{self.folder}/mail"]), check=True)
        subprocess.run(as_root(["chown", "postfix", f"{self.folder}/data"]), check=True)
        subprocess.run(as_root(["chown", "root", self.folder, f"{self.folder}/queue", f"{self.folder}/main.cf",
                                f"{self.folder}/master.cf"]), check=True)
        for log in ["dovecot.log", "postfix-master.log"]:
            open(os.path.join(self.folder, log), "a").close()

    def start(self, name, arguments, package):
        return start(as_root([program(name, package), *arguments]), f"{self.folder}/{name}-start.log")

    def start_postfix(self):
        postfix = program("postfix", "postfix")
        log = f"{self.folder}/postfix-master.log"
        # Makes the folders of its queue, with the owners they must have.
        with open(log, "ab") as file:
            subprocess.run(
                as_root([postfix, "-c", self.folder, "check"]), stdout=file, stderr=file, check=True)
        return start(as_root(["/usr/lib/postfix/sbin/master", "-c", self.folder, "-s"]), log)

    def messages(self, query):
        context = ssl.create_default_context(cafile=f"{self.folder}/ca.pem")
        with imaplib.IMAP4("localhost", self.imap) as box:
            box.starttls(context)
            # Its own `login` knows ASCII only.
            box.authenticate("PLAIN", lambda _: "\0".join(["", *self.login]).encode())
            box.select(readonly=True)
            _, (numbers,) = box.search(None, "ALL")
            mails = [box.fetch(number, "(RFC822)")[1][0][1] for number in numbers.split()]
        wanted = query.get("to", [None])[0]
        return [shown for shown in map(show, mails) if wanted in (None, shown["to"])]

    def end(self):
        for child in reversed(self.children):
            subprocess.run(as_root(["kill", "-TERM", str(child.pid)]), check=False)
            child.wait()


def show(mail):
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    return {
        "to": str(parsed["delivered-to"] or ""), "subject": str(parsed["subject"]),
        "messageID": str(parsed["message-id"]), "received": str(parsed["received"]),
        "text": body_text(parsed, "plain"), "html": body_text(parsed, "html"),
        "attachments": [
            {"fileName": part.get_filename(), "contentType": part.get_content_type(), "bytes": len(payload(part)),
             "begins": payload(part)[:16].decode("latin-1")}
            for part in parsed.iter_attachments()
        ],
    }


def main():
    user, password = sys.argv[1:]
    with Folder() as folder:
        server = MailServer(folder, user, password)
        try:
            serve_until_input_ends(
                {("GET", "/messages"): server.messages},
                {"smtp": server.smtp, "smtps": server.smtps, "authority": f"{folder}/ca.pem"})
        finally:
            server.end()


if __name__ == "__main__":
    main()
