"""The accountant's evening: what providers say themselves, what somebody got wrong, the closed books and their file."""
import datetime
import pathlib
import runpy
import time
from decimal import Decimal

from quittance import call

RULES = pathlib.Path(__file__).parents[2] / "Tests/Integration/Reconciliation/check_fec.py"
CLEARING = {"alma": "511500", "stripe": "511600", "paypal": "511700"}
# Every kind of discrepancy there is, each of which the day plants.
KINDS = ("amount", "dispute", "duplicate", "fee", "late", "missing-payout", "payout-amount", "unexplained",
         "unknown-payment")
# Those that leave something in the books, until a person says which account takes it.
LEAVING = ("amount", "duplicate", "payout-amount", "unexplained", "unknown-payment")
STRIPE_HEADER = ("automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,reporting_category,currency,"
                 "gross,fee,net,payment_intent_id,payment_metadata[quittance_payment]")
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
        pay_weeks_ago(chain, outside)
        close(chain, report, patience)
    missing = plant(chains[0], outside, report, patience)
    close(chains[0], report, patience)
    # The bank shows after all what was missing there.
    chains[0].api.import_statement(statement(chains[0], missing.payout, missing.sum, datetime.date.today()))
    for chain in chains:
        end(chain, report)


def euros(cents):
    return str(Decimal(cents) / 100)


class Planted:
    """A report of Alma's in which lines are wrong in one way each."""

    # What tells two of a run apart stands before it: a bank's text names each payout whose reference it has in it.
    def __init__(self, run, day):
        self.run, self.day, self.rows, self.sum = run, day, [], 0
        self.payout = f"po_planted_{run}"

    def line(self, name, kind, payment, amount, fee):
        # Of two lines of one payment the first by its name counts; the other is there twice.
        self.rows.append(f"{self.payout},{self.day},!{name}_{self.run},{kind},{payment},EUR,{euros(amount)},"
                         f"{euros(fee)},{euros(amount - fee)}")
        self.sum += amount - fee

    @property
    def text(self):
        return "\n".join([HEADER, *self.rows]) + "\n"


def plant(chain, outside, report, patience):
    """One discrepancy of each kind, found and named; answers what is missing at the bank."""
    report.step("plant a discrepancy of each kind")
    today, deadline = datetime.date.today(), time.monotonic() + patience
    planted = Planted(chain.run, today)
    planted.line("unknown", "from_transaction", f"payment_nobody_{chain.run}", 5000, 100)
    planted.line("adjusted", "from_adjustment", "", -700, 0)
    payment, amount, fee = pay(chain, outside, "alma", "3x", deadline)[:3]
    planted.line("amount", "from_transaction", payment, amount + 100, fee)
    planted.line("twice", "from_transaction", payment, amount, fee)
    payment, amount, fee = pay(chain, outside, "alma", "3x", deadline)[:3]
    planted.line("fee", "from_transaction", payment, amount, fee + 10)
    chain.api.import_report(planted.text.encode())
    lost = Planted(f"lost_{chain.run}", today - datetime.timedelta(days=30))
    lost.line("lost", "from_transaction", f"payment_nobody_{chain.run}", 4000, 50)
    chain.api.import_report(lost.text.encode())
    # The bank received a cent less than Alma says.
    chain.api.import_statement(statement(chain, planted.payout, planted.sum - 1, today))
    disputed = pay(chain, outside, "stripe", "1x", deadline)[3]
    # Before the dispute: what Stripe signs while the clock stands back is too old to be believed.
    pay_weeks_ago(chain, outside)
    outside.act("stripe", disputed, "dispute")
    found = wait_for(chain, set(KINDS), patience)
    for item in sorted(found, key=lambda item: item["kind"]):
        amount = item.get("amount", {}).get("minorUnits", 0)
        report.say(f"  {item['kind']}: {item['subject']} {euros(amount)} EUR")
    kinds = [item["kind"] for item in found]
    for kind in KINDS:
        report.check(f"what was planted was found and named: {kind}", kind in kinds)
    report.check("no discrepancy is of a kind that was not planted", set(kinds) <= set(KINDS))
    report.check("what was planted is explained but for its cent",
                 explained(chain, planted) == (planted.sum - 1, -1))
    close_planted(chain, found, report)
    return lost


def close_planted(chain, found, report):
    """What nobody will settle goes onto an account; then providers owe what is on its way, and nothing waits on 471."""
    close_leaving(chain, found)
    balances, owed = chain.api.balances(), dict.fromkeys(CLEARING, 0)
    today = datetime.date.today()
    days = f"from={today - datetime.timedelta(days=60)}&to={today + datetime.timedelta(days=2)}"
    for row in chain.api.pages("reconciliation", f"/v1/fees?{days}&paid=not-yet"):
        owed[row["provider"]] += row["net"]["minorUnits"]
    report.check("what was planted is closed, and providers owe what they have not paid out",
                 all(balances.get(account, 0) == owed[provider] for provider, account in CLEARING.items()))
    report.check("nothing waits on account 471", balances.get("471000", 0) == 0)


def close_leaving(chain, found):
    """Onto an account that takes what nobody will settle."""
    for item in found:
        if item["kind"] in LEAVING:
            chain.api.ask("reconciliation", "POST", f"/v1/discrepancies/{item['id']}/close",
                          {"reason": "planted", "account": "658000"})


def end(chain, report):
    """What closing the books has planted is closed too: the day ends with every payout explained."""
    close_leaving(chain, chain.api.discrepancies())
    name, payouts = chain.plan["name"], chain.api.payouts()
    report.check(f"{name}: in the end nothing waits on account 471", chain.api.balances().get("471000", 0) == 0)
    waiting = [payout for payout in payouts if not payout["isPointed"] or payout.get("rule") == "provider"]
    for payout in waiting:
        how = "on its provider's word alone" if payout["isPointed"] else "not pointed"
        report.say(f"  {name}: {how} in the end: {payout['provider']} {payout['reference']}")
    report.check(f"{name}: in the end every payout is pointed, and none on its provider's word",
                 bool(payouts) and not waiting)
    taken = {item.get("payoutID") for item in
             chain.api.pages("reconciliation", "/v1/discrepancies?closed=true&kind=payout-amount")
             if item.get("closedInto")}
    report.check(f"{name}: in the end every payout is explained, or an account has what nothing explains",
                 all(chain.api.explanation(payout["id"])["unexplained"]["minorUnits"] == 0 or payout["id"] in taken
                     for payout in payouts))


def ask_for(chain, provider, plan):
    """A payment of 100 EUR that some client is asked for by link."""
    invoice = chain.invoices[0]
    return chain.api.payments("POST", "/v1/payments", {
        "clinicID": invoice["clinicID"], "clientID": invoice["clientID"], "channel": "link", "provider": provider,
        "plan": plan, "amount": {"minorUnits": 10000, "currency": "EUR"}, "another": True})


def pay(chain, outside, provider, plan, deadline):
    """A payment the books have read of: its id, its amount and what it costs, and the provider's reference."""
    asked = ask_for(chain, provider, plan)
    reference = outside.open_link(asked["payLink"])
    outside.act(provider, reference, "accept")
    payment, today = asked["payment"]["id"], datetime.date.today()
    days = f"from={today - datetime.timedelta(days=2)}&to={today + datetime.timedelta(days=2)}"
    while time.monotonic() < deadline:
        for row in chain.api.pages("reconciliation", f"/v1/fees?{days}&provider={provider}"):
            if row.get("paymentID") == payment and row["kind"] == "payment":
                amount, fee, vat = (row[part]["minorUnits"] for part in ("amount", "fee", "feeVAT"))
                return payment, amount, fee + vat, reference
        time.sleep(0.3)
    raise RuntimeError(f"the books were not told of payment {payment} by {provider}")


def pay_weeks_ago(chain, outside):
    """A payment whose money should have come long ago: the provider's clock stands back while its client pays."""
    asked = ask_for(chain, "alma", "3x")
    outside.ask("POST", "/clock", {"advanceDays": -20})
    try:
        outside.act("alma", outside.open_link(asked["payLink"]), "accept")
    finally:
        outside.ask("POST", "/clock", {"advanceDays": 20})


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
    old = Planted(f"old_{chain.run}", day)
    old.line("bonus", "from_adjustment", "", 12000, 0)
    old.line("charge", "from_adjustment", "", -1500, 0)
    chain.api.import_report(old.text.encode())
    chain.api.import_statement(statement(chain, old.payout, old.sum, day + datetime.timedelta(days=1)))
    # Stripe charged something too: from abroad, so that the clinic owes the VAT on it itself.
    payout = f"po_charged_{chain.run}"
    rows = [f"{payout},{day} 00:00:00,txn_{name}_{chain.run},{category},eur,{amount},0.00,{amount},,"
            for name, category, amount in (("bonus", "other_adjustment", "120.00"), ("charge", "fee", "-10.00"))]
    chain.api.import_report("\n".join([STRIPE_HEADER, *rows, ""]).encode(), "stripe")
    chain.api.import_statement(statement(chain, payout, 11000, day + datetime.timedelta(days=1)))
    return old


def wait_for_receipts(chain, until, patience):
    """What a client paid weeks ago is in the books once they have read of it."""
    deadline = time.monotonic() + patience
    path = f"/v1/accounting/entries?from={until - datetime.timedelta(days=60)}&to={until}&journal=receipts"
    while not chain.api.ask("reconciliation", "GET", path)["items"]:
        if time.monotonic() > deadline:
            raise RuntimeError("the books were not told of the payment of weeks ago")
        time.sleep(0.3)


def close(chain, report, patience):
    """The books through yesterday are frozen, and the file for the tax office keeps the published rules."""
    api, name, today = chain.api, chain.plan["name"], datetime.date.today()
    report.step(f"close the books of {name}")
    old, yesterday = last_month(chain), today - datetime.timedelta(days=1)
    wait_for_receipts(chain, yesterday, patience)
    api.ask("reconciliation", "PUT", "/v1/accounting/chart",
            {"siren": chain.plan["siren"], "accounts": [], "journals": []})
    closed = api.ask("reconciliation", "POST", "/v1/accounting/periods", {"through": str(yesterday)})
    report.check(f"{name}: the books through yesterday are closed, and their entries have numbers",
                 closed["entries"] > 0)
    # What is told of a closed day later is written on the first open one.
    late = Planted(old.run, old.day)
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
    rules = runpy.run_path(str(RULES))
    wrong, entries, _ = rules["check"](file, data)
    for problem in wrong[:5]:
        report.say(f"  {problem}")
    report.check(f"{name}: the file for the tax office keeps its rules, and has the entries of the closed books",
                 status == 200 and not wrong and (entries == closed["entries"] or old.day.year != yesterday.year))
    lines = [row for _, row in rules["rows"](data, [])]
    journals, accounts = ({row[field] for row in lines} for field in ("JournalCode", "CompteNum"))
    report.check(f"{name}: it has what clients paid, commissions with the VAT on them, deducted and owed, and the bank",
                 old.day.year != yesterday.year or {"ENC", "COM", "BQ"} <= journals and all(
                     any(account.startswith(number) for account in accounts)
                     for number in ("4452", "44566", "512", "627")))
