"""What the demonstration prints."""
import sys
import threading
import time


class Report:
    def __init__(self, tells_steps=False):
        self.started = time.monotonic()
        self.holds = True
        self.figures = []
        self.tells_steps = tells_steps
        self.steps = 0
        self.lock = threading.Lock()

    def say(self, text):
        print(f"[{time.monotonic() - self.started:6.1f}s] {text}", flush=True)

    def step(self, what):
        """Announces what is done next, for whoever wants to disturb it."""
        with self.lock:
            self.steps += 1
            if self.tells_steps:
                self.say(f"step {self.steps}: {what}")

    def check(self, what, holds):
        self.holds = self.holds and holds
        self.say(f"{'holds ' if holds else 'BROKEN'}  {what}")

    def figure(self, name, value):
        self.figures.append((name, value))

    def print_day(self, chains):
        def euros(money):
            units = money["minorUnits"] if isinstance(money, dict) else money
            return f"{units / 100:,.2f}".replace(",", " ")

        rows = [["chain", "invoices", "billed", "paid", "credited", "due", "fees and VAT", "paid out"]]
        for chain in chains:
            fees = chain.api.fees()
            rows.append([chain.plan["name"], str(chain.totals["invoices"]), *(
                euros(chain.totals[key]) for key in ("billed", "paid", "credited", "due")),
                euros(fees["fee"]["minorUnits"] + fees["feeVAT"]["minorUnits"]), euros(chain.paid_out)])
        fates = {}
        for chain in chains:
            for told in chain.payments.values():
                fates[told["fate"]] = fates.get(told["fate"], 0) + 1
        print()
        table(rows)
        print()
        table([["clients who", "payments"], *([fate.replace("-", " "), str(count)] for fate, count in
                                              sorted(fates.items(), key=lambda item: -item[1]))])
        print()
        for name, value in self.figures:
            print(f"{name}: {value}")
        print("every invariant holds" if self.holds else "AN INVARIANT IS BROKEN", file=sys.stdout, flush=True)


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells))
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
