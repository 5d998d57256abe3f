"""Who is late is reminded by mail with the invoice; a client whose dunning is paused hears nothing."""
import time


class Dunning:
    def __init__(self, api, report, patience):
        self.api = api
        self.report = report
        self.patience = patience
        self.told = []

    def ask(self, invoice, paused):
        """Waits until the reminder of an invoice has left, or may have; `paused` is late as well."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline and not self.has_left():
            self.told = self.messages(f"invoiceID={invoice['id']}")
            time.sleep(0.2)
        self.number, self.paused = invoice["number"], paused
        levels = {item.get("invoiceID") or item["receivableID"]: item["level"]
                  for item in self.api.pages("invoicing", "/v1/overdue?on=" + time.strftime("%Y-%m-%d", time.gmtime()))}
        self.report.check("the front desk: an invoice that is late reaches the first level of dunning, and a reminder is sent",
                          levels.get(invoice["id"]) == 1 and len(self.told) == 1 and self.has_left())
        self.report.check("the front desk: what a client owes whose dunning is paused reaches none",
                          levels.get(paused["receivableID"]) == 0)

    def messages(self, about):
        return [message for message in self.api.notification("GET", f"/v1/messages?{about}")["items"]
                if message["occasion"] == "overdue"]

    def has_left(self):
        return bool(self.told) and all(message["state"] in ("sent", "uncertain") for message in self.told)

    def check(self, outside):
        """At the end of the day; a mail whose worker died in the call may be there or not."""
        mails = outside.mails()
        for message in self.told:
            found = [mail for mail in mails if message["id"] in mail["messageID"]]
            self.report.check("the front desk: who is late finds the reminder in the mailbox, once and with the invoice",
                              self.is_reminder(found) or message["state"] == "uncertain" and not found)
        self.report.check("the front desk: a client whose dunning is paused is sent no reminder",
                          self.messages(f"receivableID={self.paused['receivableID']}") == []
                          and not any(self.paused["title"] in mail["subject"] for mail in mails))

    def is_reminder(self, mails):
        return len(mails) == 1 and mails[0]["subject"] == f"Rappel 1 : {self.number}" and [
            attachment["contentType"] for attachment in mails[0]["attachments"]] == ["application/pdf"]
