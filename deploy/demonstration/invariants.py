"""What must be true at the end of the day, whatever broke in between."""
from quittance import told

# A day may have thousands.
INVOICES_EXPLAINED_MAX = 200


def check_all(chains, outside, report):
    summary = outside.summary()
    for chain in chains:
        check_invoicing(chain, report)
        check_provider(chain, summary, outside, report)
        check_books(chain, report)
    check_messages(chains, outside, report)
    check_quota(chains, outside, report)


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


def check_provider(chain, summary, outside, report):
    """What each provider took by its own word is what invoicing received by its method, and what its fees cost."""
    name, fees = chain.plan["name"], 0
    for provider in ("alma", "stripe", "paypal"):
        taken = taken_by_alma(chain, summary) if provider == "alma" else taken_by(provider, chain, outside, report)
        accepted, refunded, fee = chain.taken[provider] = taken
        report.check(f"{name}: what {provider} took less refunds = what invoicing received by {provider}",
                     accepted - refunded == chain.api.received(provider))
        agreed = sum(told["amount"] for told in chain.payments.values()
                     if told["provider"] == provider and told["fate"].startswith("accept"))
        report.check(f"{name}: what {provider} took = what its clients agreed to", accepted == agreed)
        fees += fee
    booked = chain.api.fees()
    report.check(f"{name}: the providers' fees = the fee screen's",
                 fees == cents(booked["fee"]) + cents(booked["feeVAT"]))


def taken_by(provider, chain, outside, report):
    own = [taken for payment, taken in outside.taken(provider).items() if payment in chain.payments]
    report.check(f"{chain.plan['name']}: nobody paid {provider} twice", all(times == 1 for *_, times in own))
    return tuple(sum(taken[part] for taken in own) for part in range(3))


def taken_by_alma(chain, summary):
    merchants = summary["alma"]["merchants"]
    own = [totals for merchant, totals in merchants.items() if merchant.endswith(chain.run)
           and merchant.split("_")[1].upper() in chain.plan["clinics"]]
    return tuple(sum(totals[part] for totals in own) for part in ("acceptedAmount", "refundedAmount", "fees"))


def check_books(chain, report):
    """Alma's payouts came as files and by API, those of Stripe and PayPal by API."""
    name, payouts = chain.plan["name"], chain.api.payouts()
    explanations = [chain.api.explanation(payout["id"]) for payout in payouts]
    # A small day may have nobody who pays by Alma.
    are_all = bool(payouts) or chain.taken["alma"][0] == 0
    report.check(f"{name}: every payout is pointed", are_all and all(payout["isPointed"] for payout in payouts))
    report.check(f"{name}: the lines of every payout sum to its bank line",
                 are_all and all(
                     explanation.get("bankLine") and cents(explanation["unexplained"]) == 0
                     and cents(explanation["explained"]) == cents(explanation["bankLine"]["amount"])
                     for explanation in explanations))
    report.check(f"{name}: nothing is unexplained", chain.api.discrepancies() == [])
    trails = [chain.api.invoice_trail(invoice["id"]) for invoice in chain.invoices[:INVOICES_EXPLAINED_MAX]]
    report.check(f"{name}: invoices are taken off, at the bank or have a name for what remains, to the cent",
                 all(adds_up(trail) for trail in trails))
    balances = chain.api.balances()
    report.check(f"{name}: the ledger balances", sum(balances.values()) == 0)
    report.check(f"{name}: Alma owes nothing any more", balances.get("511500", 0) == 0)
    chain.paid_out = sum(cents(payout["amount"]) for payout in payouts)


def adds_up(trail):
    """Every invoice of the day was issued here, whichever software its lines come from, so each has an account."""
    account = trail.get("account")
    if account is None:
        return False
    parts = ("credited", "writtenOff", "atTheBank", "remainder")
    return (cents(trail["total"]) == sum(cents(account[part]) for part in parts)
            and all(part["because"] != "unexplained" for part in account["open"]))


def check_messages(chains, outside, report):
    counts = outside.sms_counts()
    ours = {}
    for chain in chains:
        for message in chain.api.messages():
            ours[message["id"]] = message
    sms = [message for message in ours.values() if message["channel"] == "sms"]
    report.check("every client was told everything once", all(
        told(chain.api.messages()) == sorted(chain.wanted_messages()) for chain in chains))
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


def check_quota(chains, outside, report):
    """SMS counted = distinct messages, and what the quota lost = what the gateway billed."""
    counts = outside.sms_counts()
    for chain in chains:
        name, sms = chain.plan["name"], [message for message in chain.api.messages() if message["channel"] == "sms"]
        left = [message for message in sms if message["state"] in ("sent", "delivered")]
        report.check(f"{name}: SMS the gateway counted = distinct messages that left",
                     sum(counts.get(message["id"], 0) for message in left) == len(left))
        quota = chain.api.settled_quota()
        billed = sum(message.get("parts") or 0 for message in sms if message["state"] not in ("uncertain", "ready"))
        # What a message took stays used while nobody knows whether it left, or until its next try, also where it is
        # written anew for that.
        is_open = any(message["state"] in ("claimed", "uncertain")
                      or message["state"] in ("requested", "ready") and message["tries"] for message in sms)
        used = quota["used"] + quota["beyond"]
        report.check(f"{name}: quota used = parts billed", used >= billed if is_open else used == billed)
        report.check(f"{name}: quota booked = used + reserved + left",
                     quota["booked"] == quota["used"] + quota["reserved"] + quota["left"])
