"""The outside world's stand-ins: the client's phone and hand, the provider, the bank."""
import json
import re
import time

from quittance import Refused, call


class Outside:
    def __init__(self, sandbox, mailbox):
        self.control = sandbox + "/control"
        self.mailbox = mailbox

    def ask(self, method, path, body=None):
        status, _, answer = call(method, self.control + path, None if body is None else json.dumps(body).encode())
        if status >= 300:
            raise Refused(status, f"{method} {path}: {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None

    def open_merchant(self, provider, merchant, iban=None, webhook=None):
        """A merchant's account at a provider, opened again to say where notifications go; what its clinic enters."""
        key = f"sk_test_{merchant}"
        if provider == "alma":
            self.ask("POST", "/alma/accounts", {"apiKey": key, "merchantID": merchant, "name": merchant, "iban": iban})
            return {"key": key}
        notified = {"webhookURL": webhook} if webhook else {}
        if provider == "stripe":
            secret = f"whsec_{merchant}"
            self.ask("POST", "/stripe/accounts", {"apiKey": key, "accountID": f"acct_{merchant}",
                                                  "webhookSecret": secret, "iban": iban, **notified})
            return {"key": key, "notificationKey": secret}
        self.ask("POST", "/paypal/accounts", {"clientID": merchant, "secret": f"secret_{merchant}",
                                              "webhookID": f"WH-{merchant}", "iban": iban, **notified})
        return {"key": f"secret_{merchant}", "client": merchant, "notificationKey": f"WH-{merchant}"}

    def taken(self, provider):
        """What Stripe or PayPal took by its own word, by our payment: amount, refunded, fee, how often."""
        taken = {}
        for paid in self.ask("GET", f"/{provider}/payments"):
            if provider == "stripe":
                payment, amount = paid["metadata"]["quittance_payment"], paid["amount_total"]
            else:
                payment, amount = paid["purchase_units"][0]["invoice_id"], paid["amount"]
            if paid["captured"] if provider == "paypal" else paid["payment_status"] == "paid":
                before = taken.get(payment, (0, 0, 0, 0))
                taken[payment] = tuple(map(sum, zip(before, (amount, paid["refunded"], paid["fee"], 1))))
        return taken

    def link_by_sms(self, phone, link, is_lost, patience=120):
        """The link as it arrives on the phone; the same link as the front desk sees, and reads out if none comes."""
        started = time.monotonic()
        looked = started
        while time.monotonic() < started + patience:
            for message in self.ask("GET", f"/sms/messages?to=%2B{phone.lstrip('+')}"):
                if link in message["text"]:
                    return re.search(r"https?://\S+", message["text"]).group(0)
            if time.monotonic() > looked + 2:
                looked = time.monotonic()
                if is_lost():
                    return link
            time.sleep(0.1)
        raise Refused(0, f"no SMS with the link reached the phone within {patience} s")

    def open_link(self, link, patience=60):
        """Reads the page and presses its button; the provider's reference of the payment that opens."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                status, _, page = call("GET", link)
                if status == 200:
                    status, headers, _ = call("POST", link, b"",
                                              {"Content-Type": "application/x-www-form-urlencoded"})
                    target = headers.get("Location", "")
                    if "/checkout/" in target:
                        return target.rsplit("/", 1)[1]
            except OSError:
                pass
            time.sleep(0.2)
        raise Refused(status, f"the link opened no payment: {page[:300]!r}")

    def say_stop(self, phone):
        self.ask("POST", "/sms/stop", {"from": phone})

    def act(self, provider, reference, action):
        self.ask("POST", f"/{provider}/payments/{reference}/act", {"action": action})

    def close_day(self):
        return self.ask("POST", "/bank/close-day", {"unrelated": 4})

    def payouts(self, closed, run, ibans):
        return [payout["id"] for payout in closed["payouts"] if payout["iban"] in ibans]

    def settlement(self, payout):
        """Alma's report of a payout; Stripe and PayPal tell of theirs by API."""
        status, _, text = call("GET", f"{self.control}/bank/settlements/{payout}")
        return text if status == 200 else None

    def statements(self, ibans):
        for statement in self.ask("GET", "/bank/statements"):
            if statement["iban"] in ibans:
                _, _, xml = call("GET", f"{self.control}/bank/statements/{statement['id']}")
                yield xml

    def summary(self):
        return self.ask("GET", "/summary")

    def sms_counts(self):
        return self.ask("GET", "/sms/counts")

    def mails(self):
        _, _, answer = call("GET", self.mailbox + "/messages")
        found = json.loads(answer)
        return found["messages"] if isinstance(found, dict) else found
