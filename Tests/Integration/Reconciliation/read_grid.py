"""Reads an exported grid with libraries that know nothing of Quittance; prints its shape and sums in cents.

usage: read_grid.py SIGN SCHEMA FILE      the sign of decimals in text; the schema of XML files

Amounts must be numbers and days must be days wherever the format has such a thing.
"""

import csv
import datetime
import pathlib
import re
import sys
from decimal import Decimal

AMOUNTS = set(
    "amount refunded fee_without_vat fee_vat net debit credit balance base vat expected counted difference "
    "average_basket basket".split()
)
NUMBERS = set("accepted refused cancelled expired year number rate payments late in_instalments instalment_share".split())


def kind_of(name):
    if name in AMOUNTS:
        return "amount"
    if name in NUMBERS:
        return "number"
    return "day" if name == "day" or name.endswith("_on") else "text"


def of_text(path, delimiter, quoting, sign):
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "no mark"
    assert data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n"), "lines end otherwise"
    written = {"amount": rf"-?\d+\{sign}\d\d", "number": r"-?\d+", "day": r"\d{4}-\d\d-\d\d", "text": r"(?s).+"}
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True), delimiter=delimiter, quoting=quoting))
    for cell in (cell for row in rows for cell in row):
        is_number = cell.lstrip("-").replace(",", "").replace(".", "").isdigit()
        assert not cell or cell[0] not in "=+-@\t\r\n" or is_number, f"{cell} would run"
    assert len(rows[0]) > 1, "one column"
    for row in rows[1:]:
        for name, cell in zip(rows[0], row, strict=True):
            kind = kind_of(name)
            assert not cell or re.fullmatch(written[kind], cell), f"{name} is {cell!r}, which is no {kind}"
        yield {name: (cell, kind_of(name)) for name, cell in zip(rows[0], row)}


def of_xml(path, schema):
    from lxml import etree

    assert path.read_bytes().startswith(b"<?xml "), "something comes first"
    tree = etree.parse(str(path))
    etree.XMLSchema(etree.fromstring(schema.encode())).assertValid(tree)
    for row in tree.getroot():
        found = {cell.get("column"): (cell.text or "", etree.QName(cell).localname) for cell in row}
        for name, (value, kind) in found.items():
            assert kind == kind_of(name), f"{name} is {value!r}, a {kind}"
        yield found


def of_workbook(path):
    import openpyxl

    for sheet in openpyxl.load_workbook(path):
        rows = sheet.iter_rows()
        names = [cell.value for cell in next(rows)]
        for row in rows:
            for name, cell in zip(names, row, strict=True):
                assert cell.data_type != "f", f"{cell.value} would run"
                is_right = cell.value is None or is_typed(cell, kind_of(name))
                assert is_right, f"{name} is {cell.value!r} as {cell.data_type}"
            yield {name: (cell.value, kind_of(name)) for name, cell in zip(names, row)}


def is_typed(cell, kind):
    """Whether Excel would sort it and reckon with it as what it is."""
    if kind == "amount":
        return cell.data_type == "n" and cell.number_format == "#,##0.00"
    if kind == "day":
        return cell.data_type == "d" and cell.value.time() == datetime.time() and cell.number_format == "yyyy-mm-dd"
    return cell.data_type == "n" and isinstance(cell.value, int) if kind == "number" else cell.data_type == "s"


def read(path, sign, schema):
    if path.suffix == ".csv":
        return of_text(path, ";", csv.QUOTE_MINIMAL, sign)
    if path.suffix == ".txt":
        return of_text(path, "\t", csv.QUOTE_NONE, sign)
    return of_xml(path, schema) if path.suffix == ".xml" else of_workbook(path)


def cents(value):
    if value in (None, ""):
        return 0
    if isinstance(value, (int, float)):
        return int((Decimal(repr(value)) * 100).to_integral_exact())
    return int(Decimal(value.replace(",", ".")) * 100)


if __name__ == "__main__":
    sign, schema, path = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    sums, count, texts = {}, 0, set()
    for row in read(path, sign, schema):
        count += 1
        for name, (value, kind) in row.items():
            if kind == "amount":
                sums[name] = sums.get(name, 0) + cents(value)
            elif kind == "day" and value:
                datetime.date.fromisoformat(value.date().isoformat() if isinstance(value, datetime.datetime) else value)
            elif value:
                texts.add(str(value))
    print(count, " ".join(f"{name}={sums[name]}" for name in sorted(sums)))
    for text in sorted(texts):
        if any(sign in text for sign in "é€œ&<\"';"):
            print(repr(text.removeprefix("'")))
