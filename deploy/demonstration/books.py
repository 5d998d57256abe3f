"""The accountant's evening: what providers say themselves, what somebody got wrong, the closed books and their file."""
import datetime
import pathlib
import runpy
import time
from decimal import Decimal

from quittance import call

RULES = pathlib.Path(__file__).parents[2] / "Tests/Integration/Reconciliation/check_fec.py"
CLEARING = {"alma": "511500", "stripe": "511600", "paypal": "511700"}
HEADER = "payout_id,payout_date,transaction_id,type,payment_id,currency,amount,merchant_fee,net_amount"


def take_payouts(chains, report, patience):
    """The providers are asked through payment-orchestrator; what came as a file already comes once."""
    deadline = time.monotonic() + patience
    for chain in chains:
        report.step(f"ask the providers of {chain.plan['name']} what they paid out")
        asked = [ask(chain, source["accountID"], deadline)
                 for source in chain.api.ask("reconciliation", "GET", "/v1/payout-sources")["items"]]
        for source in asked:
            if source.get("trouble"):
                report.say(f"  {source['provider']}: {source['trouble']}")
        report.check(f"{chain.plan['name']}: every account's provider told what it paid out",
                     bool(asked) and not any(source.get("trouble") for source in asked))


def ask(chain, account, deadline):
    """Again while something stands in the way."""
    while True:
        source = chain.api.ask("reconciliation", "POST", f"/v1/payout-sources/{account}/fetch", {})
        if not source.get("trouble") or time.monotonic() > deadline:
            return source
        time.sleep(1)


def keep_books(chains, outside, report, patience):
    """After everything was explained: discrepancies are planted in one chain, the books of both are closed."""
    for chain in chains:
        balances = chain.api.balances()
        report.check(f"{chain.plan['name']}: no provider owes anything any more",
                     all(balances.get(account, 0) == 0 for account in CLEARING.values()))
    for chain in chains[1:]:
        close(chain, report)
    plant(chains[0], outside, report, patience)
    close(chains[0], report)


def settled_by_alma(chain):
    """The lines of Alma's payouts that are about payments, in the order of their references."""
    lines = []
    for payout in chain.api.payouts():
        if payout["provider"] == "alma":
            lines += [line for line in chain.api.explanation(payout["id"])["lines"] if line["kind"] == "payment"]
    return sorted(lines, key=lambda line: line["reference"])


def euros(cents):
    return str(Decimal(cents) / 100)


class Planted:
    """A report of Alma's in which lines are wrong in one way each."""

    def __init__(self, run, day):
        self.run, self.day, self.rows, self.sum = run, day, [], 0
        self.payout = f"po_planted_{run}"

    def line(self, name, kind, payment, amount, fee):
        # The exclamation mark sorts before everything: it is the line that counts, the true one is there twice.
        self.rows.append(f"{self.payout},{self.day},!{name}_{self.run},{kind},{payment},EUR,{euros(amount)},"
                         f"{euros(fee)},{euros(amount - fee)}")
        self.sum += amount - fee

    @property
    def text(self):
        return "\n".join([HEADER, *self.rows]) + "\n"


def plant(chain, outside, report, patience):
    """One discrepancy of each kind, found and named."""
    report.step("plant a discrepancy of each kind")
    today = datetime.date.today()
    wanted = {"unknown-payment", "unexplained", "payout-amount", "missing-payout"}
    planted = Planted(chain.run, today)
    planted.line("unknown", "from_transaction", f"payment_nobody_{chain.run}", 5000, 100)
    planted.line("adjusted", "from_adjustment", "", -700, 0)
    lines = settled_by_alma(chain)
    if lines:
        amount, fee = lines[0]["gross"]["minorUnits"], lines[0]["fee"]["minorUnits"]
        planted.line("amount", "from_transaction", lines[0]["paymentReference"], amount + 100, fee)
        wanted |= {"amount", "duplicate"}
    if len(lines) > 1:
        amount, fee = lines[1]["gross"]["minorUnits"], lines[1]["fee"]["minorUnits"]
        planted.line("fee", "from_transaction", lines[1]["paymentReference"], amount, fee + 10)
        wanted |= {"fee"}
    chain.api.import_report(planted.text.encode())
    lost = Planted(f"{chain.run}_lost", today - datetime.timedelta(days=30))
    lost.line("lost", "from_transaction", f"payment_nobody_{chain.run}", 4000, 50)
    chain.api.import_report(lost.text.encode())
    # The bank received a cent less than Alma says.
    chain.api.import_statement(statement(chain, planted.payout, planted.sum - 1, today))
    # Before the dispute: what Stripe signs while the clock stands back is too old to be believed.
    if pay_weeks_ago(chain, outside):
        wanted |= {"late"}
    disputed = next((payment for payment, told in chain.payments.items()
                     if told["provider"] == "stripe" and told["fate"] == "accept" and "reference" in told), None)
    if disputed:
        outside.act("stripe", chain.payments[disputed]["reference"], "dispute")
        wanted |= {"dispute"}
    found = wait_for(chain, wanted, patience)
    for item in sorted(found, key=lambda item: item["kind"]):
        amount = item.get("amount", {}).get("minorUnits", 0)
        report.say(f"  {item['kind']}: {item['subject']} {euros(amount)} EUR")
    report.check("a planted discrepancy of each kind was found and named", wanted <= {item["kind"] for item in found})
    report.check("what was planted is explained but for its cent",
                 explained(chain, planted) == (planted.sum - 1, -1))


def pay_weeks_ago(chain, outside):
    """A payment whose money should have come long ago: the provider's clock stands back while its client pays.

    False where no invoice of the day is of an amount that may be paid in three times.
    """
    invoice = next((invoice for invoice in chain.invoices if 5000 <= invoice["due"]["minorUnits"] <= 200000), None)
    if invoice is None:
        return False
    created = chain.api.payments("POST", "/v1/payments", {
        "clinicID": invoice["clinicID"], "clientID": invoice["clientID"], "channel": "link", "provider": "alma",
        "plan": "3x", "amount": {"minorUnits": 10000, "currency": "EUR"}})
    outside.ask("POST", "/clock", {"advanceDays": -20})
    try:
        outside.act("alma", outside.open_link(created["payLink"]), "accept")
    finally:
        outside.ask("POST", "/clock", {"advanceDays": 20})
    return True


def wait_for(chain, wanted, patience):
    """What a job finds comes a little later than what an import finds."""
    deadline = time.monotonic() + patience
    while True:
        found = chain.api.discrepancies()
        if wanted <= {item["kind"] for item in found} or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def explained(chain, planted):
    """What the bank received for a payout, and what of it nothing explains."""
    payout = next(payout for payout in chain.api.payouts() if payout["reference"] == planted.payout)
    explanation = chain.api.explanation(payout["id"])
    line = explanation.get("bankLine", {"amount": {"minorUnits": 0}})
    return line["amount"]["minorUnits"], explanation["unexplained"]["minorUnits"]


def statement(chain, reference, cents, day):
    """A statement of the bank with one transfer."""
    amount = f'<Amt Ccy="EUR">{euros(abs(cents))}</Amt><CdtDbtInd>{"CRDT" if cents >= 0 else "DBIT"}</CdtDbtInd>'

    def balance(code, inner):
        return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{inner}</Bal>"

    nothing = '<Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>{reference}</Id>
<Acct><Id><IBAN>{chain.statements_from[0]}</IBAN></Id></Acct>{balance("OPBD", nothing)}{balance("CLBD", amount)}
<Ntry>{amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<NtryDtls><TxDtls><RmtInf><Ustrd>ALMA {reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>""".encode()


def last_month(chain):
    """What a provider paid out and the bank booked weeks ago: those days are over, so their books can be closed."""
    day = datetime.date.today() - datetime.timedelta(days=40)
    old = Planted(f"{chain.run}_old", day)
    old.line("bonus", "from_adjustment", "", 12000, 0)
    old.line("charge", "from_adjustment", "", -1500, 0)
    chain.api.import_report(old.text.encode())
    chain.api.import_statement(statement(chain, old.payout, old.sum, day + datetime.timedelta(days=1)))
    return old


def close(chain, report):
    """The books through yesterday are frozen, and the file for the tax office keeps the published rules."""
    api, name, today = chain.api, chain.plan["name"], datetime.date.today()
    report.step(f"close the books of {name}")
    old, yesterday = last_month(chain), today - datetime.timedelta(days=1)
    api.ask("reconciliation", "PUT", "/v1/accounting/chart",
            {"siren": chain.plan["siren"], "accounts": [], "journals": []})
    closed = api.ask("reconciliation", "POST", "/v1/accounting/periods", {"through": str(yesterday)})
    report.check(f"{name}: the books through yesterday are closed, and their entries have numbers",
                 closed["entries"] > 0)
    # What is told of a closed day later is written on the first open one.
    late = Planted(f"{chain.run}_old", old.day)
    late.line("late", "from_adjustment", "", 100, 0)
    api.import_report(late.text.encode())
    written = list(api.pages("reconciliation", f"/v1/accounting/entries?from={today}&to={today}"))
    report.check(f"{name}: nothing more is written in them, but on the first open day, with its own day beside it",
                 any(entry["happenedOn"] == str(old.day) and entry["bookedOn"] == str(today) for entry in written))
    status, headers, data = call(
        "GET", f"{api.urls['reconciliation']}/v1/accounting/fec?year={old.day.year}&interim=true",
        headers={"Authorization": f"Bearer {api.token}"})
    file = headers.get("Content-Disposition", "").split('filename="')[-1].rstrip('"')
    if not RULES.exists():
        report.check(f"{name}: there is a file for the tax office", status == 200 and bool(data))
        return
    wrong, entries, _ = runpy.run_path(str(RULES))["check"](file, data)
    for problem in wrong[:5]:
        report.say(f"  {problem}")
    report.check(f"{name}: the file for the tax office keeps its rules, and has the entries of the closed books",
                 status == 200 and not wrong and (entries == closed["entries"] or old.day.year != yesterday.year))
