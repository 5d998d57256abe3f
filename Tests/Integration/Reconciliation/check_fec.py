"""Applies the published rules for the file of accounting entries (LPF A47 A-1) to a file; knows nothing of Quittance.

usage: check_fec.py FILE      prints what breaks a rule, then the sums of debit and credit in cents
"""

import pathlib
import re
import sys
from decimal import Decimal

FIELDS = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).split()
MAY_BE_EMPTY = {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}
AMOUNT = re.compile(r"-?\d+,\d{2}")
DAY = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


def rows(data, wrong):
    text = data.decode("iso-8859-15")
    if not text.endswith("\r\n"):
        wrong.append("the last line is not ended")
    lines = text.split("\r\n")[:-1]
    if any("\n" in line or "\r" in line for line in lines):
        wrong.append("a line is ended by something else")
    if lines[0].split("\t") != FIELDS:
        wrong.append(f"the header is {lines[0]!r}")
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(FIELDS):
            wrong.append(f"line {number} has {len(cells)} fields")
            continue
        yield number, dict(zip(FIELDS, cells))


def check(name, data):
    wrong, entries, last_valid, names = [], {}, "", {}
    if not re.fullmatch(r"\d{9}FEC20\d{6}\.txt", name):
        wrong.append(f"the file is called {name}")
    end = name[12:20] if not wrong else ""
    debit = credit = Decimal(0)
    for number, row in rows(data, wrong):
        for field, value in row.items():
            if not value and field not in MAY_BE_EMPTY:
                wrong.append(f"line {number}: {field} is empty")
            if value != value.strip():
                wrong.append(f"line {number}: {field} has spaces around it")
        for field in ("EcritureDate", "PieceDate", "ValidDate"):
            if not DAY.fullmatch(row[field]):
                wrong.append(f"line {number}: {field} is {row[field]}")
        if end and not str(int(end) - 10000) < row["EcritureDate"] <= end:
            wrong.append(f"line {number}: {row['EcritureDate']} is not in the year that ends on {end}")
        for field in ("Debit", "Credit"):
            if not AMOUNT.fullmatch(row[field]):
                wrong.append(f"line {number}: {field} is {row[field]}")
        if not re.fullmatch(r"\d{3}[0-9A-Z]*", row["CompteNum"]):
            wrong.append(f"line {number}: CompteNum is {row['CompteNum']}")
        sides = [Decimal(row[field].replace(",", ".")) for field in ("Debit", "Credit")]
        if (sides[0] == 0) == (sides[1] == 0):
            wrong.append(f"line {number} is not on one side: {sides}")
        if row["ValidDate"] < last_valid:
            wrong.append(f"line {number}: validated before the line above")
        last_valid = row["ValidDate"]
        for code, label in (("JournalCode", "JournalLib"), ("CompteNum", "CompteLib"), ("CompAuxNum", "CompAuxLib")):
            if names.setdefault((code, row[code]), row[label]) != row[label]:
                wrong.append(f"line {number}: {code} {row[code]} is called {row[label]} and otherwise above")
        if (row["CompAuxNum"] == "") != (row["CompAuxLib"] == ""):
            wrong.append(f"line {number}: an auxiliary account without its name, or a name without its account")
        entry = entries.setdefault(row["EcritureNum"], [Decimal(0), row["EcritureDate"], row["JournalCode"]])
        entry[0] += sides[0] - sides[1]
        if (row["EcritureDate"], row["JournalCode"]) != (entry[1], entry[2]):
            wrong.append(f"line {number}: the entry has two days or journals")
        debit, credit = debit + sides[0], credit + sides[1]
    if not entries:
        wrong.append("there is no entry")
    if [int(key) for key in entries] != list(range(1, len(entries) + 1)):
        wrong.append(f"the numbers are not continuous: {list(entries)[:20]}")
    for key, entry in entries.items():
        if entry[0] != 0:
            wrong.append(f"entry {key} is out of balance by {entry[0]}")
    if debit != credit:
        wrong.append(f"debit {debit}, credit {credit}")
    return wrong, len(entries), debit


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    wrong, entries, debit = check(path.name, path.read_bytes())
    for problem in wrong:
        print(problem)
    print(f"{entries} entries {int(debit * 100)} cents")
    sys.exit(1 if wrong else 0)
