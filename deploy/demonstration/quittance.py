"""The services' APIs as a program of the chain calls them, with nothing but the standard library and tokens."""
import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SCOPES = ["organisation:read", "organisation:write", "clients:read", "clients:write", "invoices:read", "invoices:write",
          "payments:read", "payments:write", "payments:refund", "payments:resolve", "accounts:read", "accounts:write",
          "messages:read", "messages:write", "reconciliation:read", "reconciliation:write", "policy:read", "policy:write",
          "consents:read", "consents:write", "contacts:read", "contacts:write", "campaigns:read", "campaigns:write",
          "quota:read", "quota:write"]


class Refused(Exception):
    """An answer that is not a success, with its problem."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:600]}")
        self.status = status


def call(method, url, body=None, headers=None, timeout=60):
    """The answer's status, headers and bytes; redirects are not followed."""
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def token(key_file, organisation, lifetime=6 * 3600):
    """A manager's token of one organisation (JWT, EdDSA)."""
    key = json.loads(key_file.read_text())
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key["d"] + "=="))
    now = int(time.time())
    claims = {"sub": "demonstration", "org": organisation, "clinics": ["*"], "role": "manager", "scopes": SCOPES,
              "iss": "quittance", "aud": ["quittance"], "iat": now, "nbf": now, "exp": now + lifetime}

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part({"alg": "EdDSA", "typ": "JWT", "kid": key["kid"]}) + b"." + part(claims)
    return (signed + b"." + base64.urlsafe_b64encode(private.sign(signed)).rstrip(b"=")).decode()


def told(messages):
    """What clients were told about their payments, as payment and occasion; campaigns are about none."""
    return sorted((message["paymentID"], message["occasion"]) for message in messages if "paymentID" in message)


class Quittance:
    """One organisation's access to the four services."""

    def __init__(self, options):
        self.urls = {name: getattr(options, name) for name in
                     ("invoicing", "payments", "notification", "reconciliation")}
        self.organisation = str(uuid.uuid4())
        self.token = token(options.signing_key, self.organisation)
        self.clients = {}

    def ask(self, service, method, path, body=None, content_type="application/json", key=None, headers=None):
        """Sends a request until it is answered; the same key makes a repetition harmless."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if data is not None:
            sent["Content-Type"] = content_type
        if method == "POST":
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        for attempt in range(60):
            try:
                status, _, answer = call(method, self.urls[service] + path, data, sent)
            except OSError as error:
                status, answer = 503, str(error).encode()
            if status not in (408, 429, 503):
                break
            time.sleep(min(2, 0.1 * 2 ** attempt))
        if status >= 300:
            raise Refused(status, f"{method} {path}: {answer.decode(errors='replace')}")
        kind = "json" if answer[:1] in (b"{", b"[") else "text"
        return json.loads(answer) if kind == "json" and answer else answer.decode()

    def invoicing(self, *arguments, **options):
        return self.ask("invoicing", *arguments, **options)

    def payments(self, *arguments, **options):
        return self.ask("payments", *arguments, **options)

    def notification(self, *arguments, **options):
        return self.ask("notification", *arguments, **options)

    def move_to_daytime(self, clinic):
        """Puts a clinic where it is about one in the afternoon, as far as messages go."""
        hour = time.gmtime().tm_hour
        shift = (13 - hour + 36) % 24 - 12
        zone = f"Etc/GMT{'-' if shift >= 0 else '+'}{abs(shift)}"
        self.notification("PUT", f"/v1/clinics/{clinic}/time-zone", {"timeZone": zone})

    def pages(self, service, path):
        after = ""
        while True:
            page = self.ask(service, "GET", f"{path}{'&' if '?' in path else '?'}limit=200{after}")
            yield from page["items"]
            if not page.get("next"):
                return
            after = "&after=" + urllib.parse.quote(page["next"])

    def name_seller(self, name, siren):
        """What documents say of the organisation."""
        seller = {"name": name, "legalForm": "SELAS", "siren": siren, "vatScheme": "on-receipts",
                  "address": {"street": "1 place du Marché", "postcode": "69003", "town": "Lyon"}}
        self.put("/v1/organisation/seller", seller)

    def put(self, path, body, tag='"v0"'):
        """Says in invoicing what nobody said before, or over the version that was read."""
        try:
            self.invoicing("PUT", path, body, headers={"If-Match": tag})
        except Refused as refused:
            # The first try arrived, and its answer was lost.
            if refused.status != 412:
                raise

    def document(self, invoice):
        """The invoice's file, as its client gets it."""
        status, _, file = call("GET", f"{self.urls['invoicing']}/v1/invoices/{invoice}/pdf",
                               headers={"Authorization": f"Bearer {self.token}"})
        return file if status == 200 else b""

    def import_invoices(self, text, mode):
        return self.invoicing("POST", f"/v1/invoice-imports?mode={mode}", text.encode(), content_type="text/csv")

    def all_invoices(self):
        return list(self.pages("invoicing", "/v1/invoices"))

    def client(self, client):
        if client not in self.clients:
            self.clients[client] = self.invoicing("GET", f"/v1/clients/{client}")
        return self.clients[client]

    def received(self, method):
        """What invoicing received by a method less what went back of it, in cents."""
        return sum(payment["amount"]["minorUnits"] - payment["refunded"]["minorUnits"]
                   for payment in self.pages("invoicing", "/v1/payments-on-account") if payment["method"] == method)

    def payment_states(self):
        return {payment["id"]: payment["state"] for payment in self.pages("payments", "/v1/payments")}

    def settled_quota(self, patience=30):
        """The quota once what has ended is counted, which is looked for each five seconds at the least."""
        before, deadline = None, time.monotonic() + patience
        while True:
            quota = self.notification("GET", "/v1/sms-quota")
            if quota == before or time.monotonic() > deadline:
                return quota
            before = quota
            time.sleep(6)

    def messages(self):
        return list(self.pages("notification", "/v1/messages"))

    def messages_are_out(self, wanted):
        """Whether these messages, by payment and occasion, are there once each and have left or never will.

        One that may have left when its sender was cut off stays uncertain: it is never just repeated.
        """
        messages = self.messages()
        return (told(messages) == sorted(wanted)
                and all(message["state"] in ("sent", "delivered", "failed", "called-off", "uncertain")
                        for message in messages if "paymentID" in message))

    def link_is_lost(self, payment):
        """Whether the SMS with a payment's link failed, or may never have left."""
        return any(message.get("paymentID") == payment and message["occasion"] == "payment-link"
                   and message["state"] in ("failed", "uncertain") for message in self.messages())

    def fees(self):
        """The fee screen's totals in euros; before the first payment there are none."""
        answer = self.ask("reconciliation", "GET", "/v1/fees?from=2020-01-01&to=2099-12-31&limit=1")
        nothing = {name: {"minorUnits": 0, "currency": "EUR"} for name in ("amount", "refunded", "fee", "feeVAT", "net")}
        return next((totals for totals in answer["totals"] if totals["amount"]["currency"] == "EUR"), nothing)

    def import_report(self, text, provider="alma"):
        return self.ask("reconciliation", "POST", f"/v1/settlement-reports?provider={provider}", text,
                        content_type="text/csv")

    def register_bank_account(self, iban):
        return self.ask("reconciliation", "PUT", f"/v1/bank-accounts/{iban}", {"currency": "EUR"})

    def take_providers_word(self):
        return self.ask("reconciliation", "PUT", "/v1/providers-word", {"isTaken": True})

    def import_statement(self, xml):
        return self.ask("reconciliation", "POST", "/v1/bank-statements", xml, content_type="application/xml")

    def payouts(self):
        return list(self.pages("reconciliation", "/v1/payouts"))

    def explanation(self, payout):
        return self.ask("reconciliation", "GET", f"/v1/payouts/{payout}/explanation")

    def invoice_trail(self, invoice):
        return self.ask("reconciliation", "GET", f"/v1/explain/invoices/{invoice}")

    def discrepancies(self):
        return list(self.pages("reconciliation", "/v1/discrepancies"))

    def balances(self):
        return {item["account"]: item["balance"]["minorUnits"]
                for item in self.ask("reconciliation", "GET", "/v1/balances")["items"]}
