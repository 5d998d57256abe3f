"""A reminder, and two campaigns to the same people with a STOP in between."""
import datetime
import time
import urllib.parse
import uuid
import zoneinfo

from quittance import Refused

PEOPLE = 12


class Mailing:
    def __init__(self, chain, outside, report, patience):
        self.chain = chain
        self.api = chain.api
        self.outside = outside
        self.report = report
        self.patience = patience
        # One overseas, where marketing may be sent just now.
        self.clinic = str(uuid.uuid4())
        self.campaigns = []

    def remind(self):
        """The client of a payment that is still open is reminded, by a reminder that is due; one whose payment ends
        meanwhile needs none."""
        self.report.step("a reminder is planned")
        outcome = None
        for payment in self.given_up():
            reminder = self.until("the payment is known", lambda: self.plan(payment))
            outcome = reminder and self.until(
                "the reminder is a message, or its payment has ended", lambda: self.outcome(reminder, payment))
            if outcome == "released":
                self.chain.reminded = payment
                break
        # A small day may have nobody to remind.
        self.report.check("a client who went away is reminded, unless the payment has ended by then",
                          outcome is not None or not self.given_up())

    def outcome(self, reminder, payment):
        """Whether a message was made of a reminder, or it was called off; nothing while it is neither."""
        if any(message.get("paymentID") == payment and message["occasion"] == "payment-reminder"
               for message in self.api.messages()):
            return "released"
        if reminder["state"] != "called-off":
            reminder = self.api.notification("GET", f"/v1/reminders/{reminder['id']}")
        return "called-off" if reminder["state"] == "called-off" else None

    def given_up(self):
        """Payments whose client got the link by SMS, looked, and went away."""
        return [payment for payment, told in self.chain.payments.items()
                if told["fate"] == "give-up" and told["channel"] == "sms"]

    def plan(self, payment):
        """For now, which is another minute at each try: one that has passed is refused."""
        now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris"))
        reminder = {"paymentID": payment, "day": now.date().isoformat(), "time": now.strftime("%H:%M")}
        try:
            return self.api.notification("POST", "/v1/reminders", reminder, key=f"reminder-{payment}")
        except Refused as refused:
            if refused.status == 409:
                return {"state": "called-off"}
            if refused.status != 404:
                raise
            return None

    def campaign(self):
        """Twelve clients agreed; the first campaign reaches them, then one says STOP, and the second leaves that one out."""
        self.report.step("a campaign is written")
        known = {payment["client"]["phone"]: payment["client"] for payment in self.chain.payments.values()
                 if payment["client"].get("phone")}
        people = list(known.values())[:PEOPLE]
        if len(people) < 3:
            return
        rows = [f"{person['lastName']};{person['firstName']};{person['phone']};clients" for person in people]
        file = "\n".join(["nom;prénom;téléphone;groupes", *rows, "Personne;;12;clients"]).encode("cp1252")
        imported = [self.import_contacts(file, mode) for mode in ("dry-run", "keep-good", "keep-good")]
        self.report.check("a directory from an old Excel is taken in once, and its bad row reported by line",
                          [answer["added"] for answer in imported] == [len(people), len(people), 0]
                          and [problem["line"] for problem in imported[0]["problems"]] == [len(people) + 2])
        for person in people:
            self.api.notification("POST", "/v1/consents", {
                "phone": person["phone"], "decision": "given", "proof": "case cochée à l'accueil"})
        self.api.move_to_daytime(self.clinic)
        self.send("Vaccins", len(people))
        reminded = self.chain.payments.get(self.chain.reminded, {}).get("client", {}).get("phone")
        self.stop(next(person["phone"] for person in people if person["phone"] != reminded))
        self.send("Vermifuges", len(people) - 1)

    def import_contacts(self, file, mode):
        return self.api.notification(
            "POST", f"/v1/contact-imports?mode={mode}&clinicID={self.clinic}", file, content_type="text/csv")

    def send(self, name, expected):
        """Looks at what it will be, starts it and waits for its end."""
        campaign = self.api.notification("POST", "/v1/campaigns", {
            "name": name, "sender": "LesLilas", "identity": "Les Lilas", "clinicID": self.clinic,
            "body": "Bonjour {{firstName}}, pensez aux " + name.lower(), "groups": ["clients"]})
        path = f"/v1/campaigns/{campaign['id']}"
        preview = self.api.notification("POST", f"{path}/preview", {})
        self.report.check(f"the campaign {name} is for {expected} people, said beforehand",
                          preview["recipients"] == expected and preview["isWithinQuota"])
        self.report.step(f"the campaign {name} is started")
        self.start(path)
        end = self.until(f"the campaign {name} is over", lambda: self.end_of(path))
        progress = (end or {}).get("progress", {})
        out = sum(progress.get(state, 0) for state in ("sent", "delivered", "uncertain", "failed"))
        self.report.check(f"the campaign {name}: everybody it was for is accounted for", out == expected)
        self.campaigns.append(campaign["id"])

    def start(self, path):
        try:
            self.api.notification("POST", f"{path}/start", {}, headers={"If-Match": '"v1"'}, key=f"start-{path[-36:]}")
        except Refused as refused:
            # The first try arrived, and its answer was lost.
            if refused.status != 412:
                raise

    def end_of(self, path):
        now = self.api.notification("GET", path)
        return now if now["isOver"] else None

    def stop(self, phone):
        self.report.step("a client says STOP")
        number = urllib.parse.quote(phone)

        def is_taken():
            decisions = self.api.notification("GET", f"/v1/consents?phone={number}")["items"]
            if decisions and decisions[0]["decision"] == "withdrawn":
                return True
            self.outside.say_stop(phone)
            return None

        self.report.check("a STOP is honoured", bool(self.until("the STOP is taken", is_taken, pause=1)))

    def until(self, what, look, pause=0.3):
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(pause)
        self.report.say(f"  in vain was waited for: {what}")
        return None
