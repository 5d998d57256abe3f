"""Who pays at the till asks for the receipt by mail, and finds it in the mailbox."""
import time

from quittance import Refused


class Receipts:
    def __init__(self, api, report, patience):
        self.api = api
        self.report = report
        self.patience = patience
        # The money whose receipts were asked for.
        self.of = []

    def ask_for_them(self):
        """From now on each payment's receipt is mailed, and reminders of what is late."""
        self.report.step("receipts are asked for by mail")
        try:
            self.api.notification("PUT", "/v1/sending-policy", {"receiptsBy": "email", "overdueBy": "email"},
                                  headers={"If-Match": '"v0"'})
        except Refused as refused:
            # The first try arrived, and its answer was lost.
            if refused.status != 412:
                raise

    def messages(self):
        return [message for money in self.of for message in
                self.api.notification("GET", f"/v1/messages?paymentOnAccountID={money}")["items"]]

    def check(self, outside):
        """Each is in the mailbox once, with its document; one whose worker died in the call may be there or not."""
        deadline = time.monotonic() + self.patience
        told = self.messages()
        while time.monotonic() < deadline and (
                len(told) < len(self.of) or {message["state"] for message in told} & {"requested", "ready", "claimed"}):
            time.sleep(0.2)
            told = self.messages()
        self.report.check("the front desk: every receipt was asked for once, and has left or may have",
                          len(told) == len(self.of) > 0
                          and all(message["state"] in ("sent", "uncertain") for message in told))
        mails = outside.mails()
        found = {message["id"]: [mail for mail in mails if message["id"] in mail["messageID"]] for message in told}
        self.report.check("the front desk: who asked for a receipt finds it in the mailbox, once and with its PDF", all(
            self.is_receipt(found[message["id"]]) or message["state"] == "uncertain" and not found[message["id"]]
            for message in told))

    def is_receipt(self, mails):
        return len(mails) == 1 and mails[0]["subject"].startswith("Reçu de votre règlement") and [
            attachment["contentType"] for attachment in mails[0]["attachments"]] == ["application/pdf"]
