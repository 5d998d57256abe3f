"""A day at the front desk of a clinic of its own: quotes, deposits, the till, credit notes, write-offs, dunning, imports."""
import datetime
import time

from dunning import Dunning
from quittance import Quittance
from receipts import Receipts

CLIENTS = """N° client;Nom;Prénom;Téléphone;Courriel;Ville
D1;Mercier;Agnès;06 39 98 20 01;agnes.mercier@example.org;Nantes
D2;Boyer;Paul;0639982002;paul.boyer@example.org;Nantes
D3;Nguyen;Inès;01 23;;Nantes
"""
OPEN_ITEMS = """item_ref,clinic_code,client_ref,issued_on,due_on,label,amount_due
OLD-1,COMPTOIR,D2,{issued},{due},Chirurgie de l'ancien logiciel,"300,00"
"""
PAYMENTS = """payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref
OLD-P1;COMPTOIR;D2;{today};120,00;transfer;OLD-1
"""
MAPPING = {"kind": "clients", "constants": {"clinic_code": "COMPTOIR"}, "columns": {
    "client_ref": "N° client", "client_last_name": "Nom", "client_first_name": "Prénom", "client_phone": "Téléphone",
    "client_email": "Courriel", "client_town": "Ville"}}


def euros(cents):
    return {"minorUnits": cents, "currency": "EUR"}


def cents(money):
    return money["minorUnits"]


class FrontDesk:
    """An organisation of its own, so that what the other chains took stays comparable with their providers."""

    def __init__(self, options, report):
        self.api = Quittance(options)
        self.report = report
        self.patience = options.patience
        today = datetime.datetime.now(datetime.timezone.utc).date()
        self.today = today.isoformat()
        self.long_ago = [(today - datetime.timedelta(days=days)).isoformat() for days in (50, 45)]
        self.later = (today + datetime.timedelta(days=30)).isoformat()
        self.clients = {}
        self.receipts = Receipts(self.api, report, options.patience)
        self.dunning = Dunning(self.api, report, options.patience)

    def run(self):
        self.report.step("open the front desk's clinic")
        self.api.put("/v1/organisation", {"name": "Le Comptoir"})
        self.clinic = self.api.invoicing("POST", "/v1/clinics", {"code": "COMPTOIR", "name": "Clinique du Comptoir"})["id"]
        # Nothing is asked for before the desk comes to it; reminders leave in the clinic's daytime.
        self.api.put("/v1/dunning-levels", {"levels": []})
        self.api.move_to_daytime(self.clinic)
        self.take_over()
        self.quote()
        self.till()
        self.settle()
        self.report.say("the front desk: a quote with deposits, a credit note, part and over-payments, a write-off, "
                        "dunning and what another software held")

    def take_over(self):
        """Clients, open items and payments of the software before; twice, which must change nothing."""
        self.report.step("take over what another software holds")
        self.api.put("/v1/import-mappings/ancien", MAPPING)
        days = {"issued": self.long_ago[0], "due": self.long_ago[1], "today": self.today}
        files = [("clients", CLIENTS, "&mapping=ancien", 2, 1), ("open-items", OPEN_ITEMS.format(**days), "", 1, 0),
                 ("payments", PAYMENTS.format(**days), "", 1, 0)]
        trial = self.finish(self.start(*files[0][:3], "dry-run"))
        first = [self.finish(self.start(kind, text, mapping, "keep-good")) for kind, text, mapping, *_ in files]
        # Latin-1, as older software writes it.
        again = [self.start(kind, text, mapping, "keep-good", "latin-1") for kind, text, mapping, *_ in files]
        self.report.check("the front desk: what another software held comes as the dry run said",
                          trial == first[0] and first == [(new, 0, refused) for *_, new, refused in files])
        self.report.check("the front desk: the same files again bring nothing", [self.finish(sent) for sent in again]
                          == [(0, new, refused) for *_, new, refused in files])
        for client in self.api.pages("invoicing", "/v1/clients"):
            self.clients[client["lastName"]] = client["id"]

    def start(self, kind, text, mapping, mode, encoding="utf-8"):
        return self.api.invoicing("POST", f"/v1/imports?kind={kind}&mode={mode}{mapping}", text.encode(encoding),
                                  content_type="text/csv")

    def finish(self, started):
        """Rows that are new, that were there already, and that were refused."""
        deadline = time.monotonic() + self.patience
        while started["state"] not in ("done", "failed") and time.monotonic() < deadline:
            time.sleep(0.2)
            started = self.api.invoicing("GET", f"/v1/imports/{started['id']}")
        rows = started["rows"]
        return rows["added"], rows["alreadyThere"], rows["refused"]

    def quote(self):
        """An offer, two deposits on it, and the invoice that deducts them."""
        self.report.step("write a quote with deposits")
        mercier = self.clients["Mercier"]
        # First, since numbers follow the days: an invoice nobody paid.
        self.late = self.invoice(mercier, "Détartrage", 18000, self.long_ago[0], self.long_ago[1])
        lines = [self.line("Chirurgie du ligament croisé", 120000, 2000), self.line("Croquettes de régime", 8000, 550)]
        quote = self.api.invoicing("POST", "/v1/quotes", {
            "clientID": mercier, "clinicID": self.clinic, "issuedOn": self.today, "validUntil": self.later,
            "lines": lines})
        path, deposits = f"/v1/quotes/{quote['id']}", []
        for amount in (30000, 20000):
            asked = {"amount": euros(amount), "issuedOn": self.today, "dueOn": self.today}
            deposits.append(self.act(path, "/deposits", asked))
        for deposit in deposits:
            self.collect(mercier, cents(deposit["total"]), "card", [{"invoiceID": deposit["id"]}])
        self.final = self.act(path, "/invoice", {"issuedOn": self.today, "dueOn": self.later})
        self.report.check("the front desk: the quote = its deposits + its invoice", cents(quote["total"]) == sum(
            cents(document["total"]) for document in [*deposits, self.final]))

    def till(self):
        """A part paid in cash, a cheque of more than is due, a price given up, and credit that is counted later."""
        self.receipts.ask_for_them()
        self.report.step("work at the till")
        mercier, path = self.clients["Mercier"], f"/v1/invoices/{self.final['id']}"
        told = [{"invoiceID": self.final["id"]}]
        part = self.collect(mercier, 40000, "cash", told, tendered=euros(50000))
        self.report.check("the front desk: 500 handed over for 400 give 100 back", cents(part["till"]["change"]) == 10000)
        due = cents(self.api.invoicing("GET", path)["due"])
        self.act(path, "/credit-notes", {"issuedOn": self.today, "reason": "geste commercial", "amount": euros(5000)})
        much = self.collect(mercier, due, "card", told)
        self.receipts.of = [part["id"], much["id"]]
        self.report.check("the front desk: what was paid too much is kept", cents(much["unallocated"]) == 5000)
        next_one = self.invoice(mercier, "Vaccin", 4000, self.today, self.later)
        self.act(f"/v1/payments-on-account/{much['id']}", "/allocations",
                 {"on": self.today, "allocate": "as-told", "allocations": [{"invoiceID": next_one["id"]}]})
        paid = self.api.invoicing("GET", f"/v1/invoices/{next_one['id']}")
        self.report.check("the front desk: credit pays a later invoice", paid["status"] == "paid")

    def settle(self):
        """Who is late is asked, or not any more."""
        self.report.step("ask for what is late")
        late = list(self.api.pages("invoicing", f"/v1/overdue?on={self.today}"))
        self.report.check("the front desk: an invoice and an open item are late, with their days of limitation",
                          {item["daysLate"] for item in late} == {45} and len(late) == 2
                          and all(item["limitationOn"] > self.today for item in late))
        ageing = self.api.invoicing("GET", f"/v1/ageing?on={self.today}")["items"][0]
        self.report.check("the front desk: ageing = what is late", cents(ageing["upTo60"]) == sum(
            cents(item["due"]) for item in late))
        client = f"/v1/clients/{self.clients['Boyer']}"
        self.api.put(f"{client}/dunning-pause", {"until": self.later}, tag=self.tag(client))
        self.api.put("/v1/dunning-levels", {"levels": [
            {"daysLate": 15, "label": "rappel"}, {"daysLate": 30, "label": "relance"}]}, tag='"v1"')
        self.dunning.ask(self.late, next(item for item in late if "receivableID" in item))
        mercier = self.clients["Mercier"]
        given_up = self.api.invoicing("POST", f"/v1/clients/{mercier}/settlements", {
            "from": self.long_ago[0], "to": self.long_ago[1], "reason": "insolvable", "on": self.today})
        self.report.check("the front desk: what is given up is written off, with its author",
                          [cents(part["amount"]) for part in given_up["parts"]] == [cents(self.late["total"])]
                          and given_up["author"] == "demonstration")

    def check(self, outside):
        """What must be true at the end, of the organisation and of each client."""
        self.receipts.check(outside)
        self.dunning.check(outside)
        totals = self.api.invoicing("GET", "/v1/totals")
        billed, paid, credited, due, written_off = (
            cents(totals[key]) for key in ("billed", "paid", "credited", "due", "writtenOff"))
        self.report.check("the front desk: billed = paid + due + written off + credited",
                          billed == paid + due + written_off + credited
                          and 0 not in (paid, due, written_off, credited))
        self.report.check("the front desk: received = allocated + held for clients",
                          cents(totals["received"]) == paid + cents(totals["held"]))
        closings = [cents(self.api.invoicing(
            "GET", f"/v1/clients/{client}/statement?from=2000-01-01&to=2099-12-31")["closing"])
            for client in self.clients.values()]
        self.report.check("the front desk: the statements close at what is due less credit",
                          sum(closings) == due - cents(totals["held"]))

    # What is asked again and again

    def line(self, label, price, rate):
        return {"label": label, "unitPriceTenThousandths": price * 100, "vatBasisPoints": rate}

    def invoice(self, client, label, price, issued, due):
        return self.api.invoicing("POST", "/v1/invoices", {
            "clientID": client, "clinicID": self.clinic, "issuedOn": issued, "dueOn": due,
            "lines": [self.line(label, price, 2000)]})

    def collect(self, client, amount, method, allocations, **more):
        return self.api.invoicing("POST", "/v1/collections", {
            "clientID": client, "clinicID": self.clinic, "method": method, "amount": euros(amount),
            "collectedOn": self.today, "allocate": "as-told", "allocations": allocations, **more})

    def tag(self, path):
        return f'"v{self.api.invoicing("GET", path)["version"]}"'

    def act(self, path, act, body):
        """Does something to what was just read."""
        return self.api.invoicing("POST", path + act, body, headers={"If-Match": self.tag(path)})
