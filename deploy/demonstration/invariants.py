"""What must be true at the end of the day, whatever broke in between."""


def check_all(chains, outside, report):
    summary = outside.summary()
    for chain in chains:
        check_invoicing(chain, report)
        check_provider(chain, summary, report)
        check_books(chain, report)
    check_messages(chains, outside, report)


def cents(money):
    return money["minorUnits"]


def check_invoicing(chain, report):
    name, totals = chain.plan["name"], chain.api.invoicing("GET", "/v1/totals")
    billed, paid, credited, due = (cents(totals[key]) for key in ("billed", "paid", "credited", "due"))
    report.check(f"{name}: billed = paid + credited + written off + due",
                 billed == paid + credited + cents(totals["writtenOff"]) + due)
    report.check(f"{name}: received = allocated + held for clients",
                 cents(totals["received"]) == paid + cents(totals["held"]))
    report.check(f"{name}: credited = refunded", credited == chain.expected["refunded"])
    file = chain.api.document(chain.invoices[0]["id"])
    report.check(f"{name}: an invoice is a PDF with its e-invoice inside",
                 file.startswith(b"%PDF-1.7") and b"factur-x.xml" in file)
    chain.totals = totals


def check_provider(chain, summary, report):
    name, merchants = chain.plan["name"], summary["alma"]["merchants"]
    own = [totals for merchant, totals in merchants.items() if merchant.endswith(chain.run)
           and merchant.split("_")[1].upper() in chain.plan["clinics"]]
    accepted = sum(totals["acceptedAmount"] for totals in own)
    refunded = sum(totals["refundedAmount"] for totals in own)
    received = cents(chain.totals["received"])
    report.check(f"{name}: what the provider took less refunds = what invoicing received",
                 accepted - refunded == received)
    fees = chain.api.fees()
    report.check(f"{name}: the provider's fees = the fee screen's",
                 sum(totals["fees"] for totals in own) == cents(fees["fee"]) + cents(fees["feeVAT"]))


def check_books(chain, report):
    name, payouts = chain.plan["name"], chain.api.payouts()
    explanations = [chain.api.explanation(payout["id"]) for payout in payouts]
    report.check(f"{name}: every payout is pointed", bool(payouts) and all(payout["isPointed"] for payout in payouts))
    report.check(f"{name}: the lines of every payout sum to its bank line",
                 bool(explanations) and all(
                     explanation.get("bankLine") and cents(explanation["unexplained"]) == 0
                     and cents(explanation["explained"]) == cents(explanation["bankLine"]["amount"])
                     for explanation in explanations))
    report.check(f"{name}: nothing is unexplained", chain.api.discrepancies() == [])
    balances = chain.api.balances()
    report.check(f"{name}: the ledger balances", sum(balances.values()) == 0)
    report.check(f"{name}: the provider owes nothing any more", balances.get("511500", 0) == 0)
    chain.paid_out = sum(cents(payout["amount"]) for payout in payouts)


def check_messages(chains, outside, report):
    counts = outside.sms_counts()
    ours = {}
    for chain in chains:
        for message in chain.api.messages():
            ours[message["id"]] = message
    sms = [message for message in ours.values() if message["channel"] == "sms"]
    report.check("every client was told everything once", all(
        sorted((message["paymentID"], message["occasion"]) for message in chain.api.messages())
        == sorted(chain.wanted_messages()) for chain in chains))
    report.check("every SMS reached the gateway at most once", all(counts.get(message["id"], 0) <= 1 for message in sms))
    report.check("every SMS that counts as sent reached the gateway",
                 all(counts.get(message["id"], 0) == 1 for message in sms if message["state"] in ("sent", "delivered")))
    mails = [mail.get("message_id") or mail.get("messageID") or "" for mail in outside.mails()]
    emails = [message for message in ours.values() if message["channel"] == "email"]
    arrived = {message["id"]: sum(message["id"] in mail for mail in mails) for message in emails}
    report.check("every mail arrived at most once", all(count <= 1 for count in arrived.values()))
    report.check("every mail that counts as sent arrived",
                 all(arrived[message["id"]] == 1 for message in emails if message["state"] == "sent"))
    report.figure("SMS", len(sms))
    report.figure("mails", len(emails))
    report.figure("messages that may have left", sum(message["state"] == "uncertain" for message in ours.values()))
