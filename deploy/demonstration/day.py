#!/usr/bin/env python3
"""One day of two chains of clinics, against running services, from invoices to the bank; then every invariant.

Prints the day as a table. The exit status is 0 when every invariant holds. Each run makes organisations of its own, so
it can be run again on the same system.
"""
import argparse
import concurrent.futures
import json
import pathlib
import random
import sys
import time

from frontdesk import FrontDesk
from mailing import Mailing
from outside import Outside
from quittance import Quittance, Refused
from report import Report

CHAINS = [
    {"name": "Les Lilas", "siren": "732829320", "file": "lilas-2026-11-20.csv", "clinics": ["LILAS", "PANTIN"]},
    {"name": "La Pinède", "siren": "552100554", "file": "pinede-2026-11-20.csv", "clinics": ["PINEDE"]},
]
# Of five clients: where they pay; three of the methods a clinic allows.
PROVIDERS = ["alma", "alma", "alma", "stripe", "paypal"]
PLANS = ["2x", "3x", "4x", "1x+15d", "1x+30d"]
# Of twenty clients: what they do with the link.
FATES = ["accept"] * 14 + ["decline", "cancel", "expire", "give-up", "accept-and-refund", "accept-and-refund"]


def main():
    options = arguments()
    day = Day(options)
    day.open()
    desk = FrontDesk(options, day.report)
    desk.run()
    day.import_invoices()
    day.take_payments()
    day.write_to_clients()
    day.settle_down()
    day.close()
    desk.check(day.outside)
    sys.exit(0 if day.check() else 1)


def french_iban(account):
    """The IBAN of 23 digits, with the check digits that make it one (ISO 13616)."""
    return f"FR{98 - int(account + '152700') % 97:02d}{account}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("invoicing", "payments", "notification", "reconciliation", "sandbox", "mailbox"):
        parser.add_argument(f"--{name}", required=True, metavar="URL", help=f"where {name} is")
    parser.add_argument("--signing-key", required=True, type=pathlib.Path, help="private key that signs tokens")
    parser.add_argument("--exports", type=pathlib.Path, default=pathlib.Path(__file__).parent,
                        help="folder of the practice-management exports")
    parser.add_argument("--seed", type=int, default=1, help="who does what; the same seed is the same day")
    parser.add_argument("--invoices", type=int, default=None, help="take payments for so many invoices only")
    parser.add_argument("--at-once", type=int, default=8, help="clients at once")
    parser.add_argument("--steps", action="store_true", help="announce each step before it is taken")
    parser.add_argument("--patience", type=float, default=120, help="seconds everything may take to settle")
    return parser.parse_args()


class Chain:
    """One organisation with its people's access and what it should have in its books."""

    def __init__(self, plan, options, run):
        self.plan = plan
        self.api = Quittance(options)
        self.run = run
        self.clinics = {}
        self.statements_from = []
        self.payments = {}
        self.taken = {}
        self.expected = {"accepted": 0, "refunded": 0}
        self.reminded = None
        self.spare = []

    def ending(self, payment):
        """How a payment ends after what its client did; None when it does not.

        On the pages of Stripe and PayPal a declined card may be tried again, and the pages end before the link.
        """
        told = self.payments[payment]
        ends = {"accept": "accepted", "accept-and-refund": "accepted", "cancel": "cancelled"}
        if told["provider"] == "alma":
            ends |= {"decline": "refused", "expire": "expired"}
        return ends.get(told["fate"])

    def wanted_messages(self):
        """What clients are told, as payment and occasion."""
        for payment, told in self.payments.items():
            if told["channel"] == "sms":
                yield payment, "payment-link"
            if told["fate"].startswith("accept"):
                yield payment, "payment-accepted"
            if told["fate"] == "accept-and-refund":
                yield payment, "refund"
        if self.reminded:
            yield self.reminded, "payment-reminder"


class Day:
    def __init__(self, options):
        self.options = options
        self.outside = Outside(options.sandbox, options.mailbox)
        self.random = random.Random(options.seed)
        self.report = Report(options.steps)
        run = f"{time.time_ns() // 1_000_000:x}"
        self.chains = [Chain(plan, options, run) for plan in CHAINS]

    def open(self):
        """Organisations, clinics, provider accounts."""
        self.report.step("open the organisations")
        for number, chain in enumerate(self.chains):
            api = chain.api
            api.put("/v1/organisation", {"name": chain.plan["name"]})
            api.name_seller(chain.plan["name"], chain.plan["siren"])
            if chain is self.chains[-1]:
                api.take_providers_word()
            # Booked before the first message, so that every part is counted.
            api.notification("POST", "/v1/sms-quota/entries", {"parts": 2000, "note": "achat de parts de SMS"})
            for place, code in enumerate(chain.plan["clinics"]):
                clinic = api.invoicing("POST", "/v1/clinics", {"code": code, "name": f"Clinique {code.title()}"})
                chain.clinics[clinic["id"]] = code
                api.payments("PUT", f"/v1/clinics/{clinic['id']}", {
                    "name": clinic["name"], "ownPhones": ["+33148000000"], "ownEmails": [], "ownAddresses": []})
                # The bank names statements by the last digits of the account, so those must differ.
                iban = french_iban(f"{int(chain.run, 16):021d}{number}{place}")
                chain.statements_from.append(iban)
                api.register_bank_account(iban)
                for provider in ("alma", "stripe", "paypal"):
                    self.connect(api, clinic["id"], provider, f"merchant_{code.lower()}_{chain.run}", iban)
        self.report.say("two organisations and three clinics are open, their keys at Alma, Stripe and PayPal checked")

    def connect(self, api, clinic, provider, merchant, iban):
        """The clinic's key is entered; Stripe and PayPal are told where the account's notifications go."""
        entered = self.outside.open_merchant(provider, merchant, iban)
        account = api.payments("POST", "/v1/provider-accounts", {"clinicID": clinic, "provider": provider, **entered})
        if provider != "alma":
            webhook = f"{self.options.payments}/webhooks/{provider}/{account['id']}"
            self.outside.open_merchant(provider, merchant, iban, webhook)

    def import_invoices(self):
        """The export of the practice's software; a file with bad rows is reported line by line and loses nothing."""
        bad = (self.options.exports / "with-bad-rows.csv").read_text(encoding="utf-8")
        trial = self.chains[0].api.import_invoices(bad, "dry-run")
        for problem in trial["problems"]:
            self.report.say(f"  line {problem['line']}, {problem['column'] or 'row'}: {problem['reason']}")
        self.report.check("bad rows are reported by line, good ones are readable",
                          len(trial["problems"]) == 5 and trial["readable"] == 2 and trial["imported"] == 0)
        for chain in self.chains:
            self.report.step(f"import the invoices of {chain.plan['name']}")
            text = (self.options.exports / chain.plan["file"]).read_text(encoding="utf-8")
            first = chain.api.import_invoices(text, "all-or-nothing")
            again = chain.api.import_invoices(text, "all-or-nothing")
            self.report.check(f"{chain.plan['name']}: the same export twice brings its invoices once",
                              again["imported"] == 0 and again["alreadyThere"] == first["imported"])
            chain.invoices = chain.api.all_invoices()
            self.report.say(f"{chain.plan['name']}: {first['imported']} invoices issued")

    def take_payments(self):
        """Every invoice a provider can carry is asked for; the clients do as they please."""
        jobs = []
        for chain in self.chains:
            payable = [invoice for invoice in chain.invoices if 5000 <= invoice["due"]["minorUnits"] <= 200000]
            chain.spare = payable[self.options.invoices:] if self.options.invoices else []
            for invoice in payable[:self.options.invoices]:
                provider = self.random.choice(PROVIDERS)
                plan = self.random.choice(PLANS) if provider == "alma" else "1x"
                jobs.append((chain, invoice, (provider, plan), self.random.choice(FATES),
                             self.random.choice(["sms", "sms", "link", "browser"])))
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(self.options.at_once) as pool:
            for number, _ in enumerate(pool.map(lambda job: self.pay(*job), jobs), 1):
                if number % 50 == 0:
                    self.report.say(f"{number} of {len(jobs)} clients served")
        self.report.figure("payments a second, from request to the client's decision",
                           f"{len(jobs) / (time.monotonic() - started):.1f}")

    def pay(self, chain, invoice, method, fate, channel):
        provider, plan = method
        self.report.step("a payment is asked for")
        client = chain.api.client(invoice["clientID"])
        created = self.request_payment(chain, {
            "clinicID": invoice["clinicID"], "invoiceID": invoice["id"], "clientID": invoice["clientID"],
            "amount": invoice["due"], "provider": provider, "plan": plan, "channel": channel})
        payment = created["payment"]["id"]
        chain.payments[payment] = {"fate": fate, "amount": invoice["due"]["minorUnits"], "plan": plan,
                                   "provider": provider, "channel": channel, "client": client}
        link = created["payLink"]
        if channel == "sms":
            link = self.outside.link_by_sms(client["phone"], link, lambda: chain.api.link_is_lost(payment))
        self.report.step(f"a client decides: {fate}")
        if fate == "cancel":
            chain.api.payments("POST", f"/v1/payments/{payment}/cancel", {})
            return
        reference = self.outside.open_link(link)
        chain.payments[payment]["reference"] = reference
        self.outside.act(provider, reference, "accept" if fate.startswith("accept") else fate)

    def request_payment(self, chain, asked):
        """Asks for a payment; an invoice issued a moment ago may still be on its way, so the refusal's remedy is done."""
        deadline = time.monotonic() + self.options.patience
        while True:
            try:
                return chain.api.payments("POST", "/v1/payments", asked)
            except Refused as refused:
                if refused.status != 422 or "/invoiceID" not in str(refused) or time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def write_to_clients(self):
        """The first chain reminds a client, and writes to a dozen who agreed."""
        mailing = Mailing(self.chains[0], self.outside, self.report, self.options.patience)
        if not mailing.given_up() and self.chains[0].spare:
            self.pay(self.chains[0], self.chains[0].spare[0], ("alma", "3x"), "give-up", "sms")
        mailing.remind()
        mailing.campaign()

    def settle_down(self):
        """Waits until every payment has the end its client chose, then refunds some, then waits for the books."""
        self.report.step("wait for what clients decided")
        deadline = time.monotonic() + self.options.patience
        waiting = [(chain, payment) for chain in self.chains for payment in chain.payments if chain.ending(payment)]
        while waiting and time.monotonic() < deadline:
            states = {id(chain): chain.api.payment_states() for chain in self.chains}
            waiting = [(chain, payment) for chain, payment in waiting
                       if states[id(chain)].get(payment) != chain.ending(payment)]
            time.sleep(0.2)
        for chain, payment in waiting[:5]:
            state = chain.api.payments("GET", f"/v1/payments/{payment}")["state"]
            self.report.say(f"  payment {payment} is {state}, its client chose {chain.payments[payment]['fate']}")
        self.report.check("every payment ended as its client decided", not waiting)
        self.refund()
        self.wait_for_books(time.monotonic() + self.options.patience)

    def refund(self):
        self.report.step("refund")
        for chain in self.chains:
            for payment, told in chain.payments.items():
                if told["fate"] == "accept-and-refund":
                    part = {"minorUnits": told["amount"] // 3, "currency": "EUR"}
                    chain.api.payments("POST", f"/v1/payments/{payment}/refunds", {"amount": part})
                    chain.expected["refunded"] += part["minorUnits"]
                if told["fate"].startswith("accept"):
                    chain.expected["accepted"] += told["amount"]

    def wait_for_books(self, deadline):
        self.report.step("wait for the books")

        def behind():
            for chain in self.chains:
                received = chain.api.invoicing("GET", "/v1/totals")["received"]["minorUnits"]
                fees = chain.api.fees()
                taken = (chain.expected["accepted"], chain.expected["refunded"])
                if received != taken[0] - taken[1] or (fees["amount"]["minorUnits"], fees["refunded"]["minorUnits"]) != taken:
                    return True
                if not chain.api.messages_are_out(chain.wanted_messages()):
                    return True
            return False

        while behind() and time.monotonic() < deadline:
            time.sleep(0.3)
        self.report.check("invoicing, reconciliation and notification have caught up", not behind())

    def close(self):
        """The provider pays out, the bank books, the accountant imports; twice, which must change nothing."""
        closed = self.outside.close_day()
        for chain in self.chains:
            self.report.step(f"import what the provider and the bank say of {chain.plan['name']}")
            payouts = self.outside.payouts(closed, chain.run, chain.statements_from)
            reports = [report for report in map(self.outside.settlement, payouts) if report]
            for report in reports:
                for _ in range(2):
                    chain.api.import_report(report)
            if chain is self.chains[-1]:
                self.check_word(chain, {"provider"} if reports else set())
            for statement in self.outside.statements(chain.statements_from):
                for _ in range(2):
                    chain.api.import_statement(statement)
        from books import take_payouts
        take_payouts(self.chains, self.report, self.options.patience)

    def check_word(self, chain, wanted):
        """Until the bank's statement comes: then its line has taken the place of the word."""
        # Stripe's and PayPal's are fetched by a job, which may run at this moment.
        rules = {payout.get("rule") for payout in chain.api.payouts() if payout["provider"] == "alma"}
        self.report.check(f"{chain.plan['name']}: what providers paid is pointed on their word and booked nowhere",
                          wanted <= rules <= {"provider", "nothing"} and chain.api.balances().get("512000", 0) == 0)

    def check(self):
        from books import keep_books
        from invariants import check_all
        self.report.step("check the invariants")
        check_all(self.chains, self.outside, self.report)
        keep_books(self.chains, self.outside, self.report, self.options.patience)
        self.report.print_day(self.chains)
        return self.report.holds


if __name__ == "__main__":
    main()
