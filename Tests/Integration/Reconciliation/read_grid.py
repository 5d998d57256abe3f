"""Reads an exported grid with libraries that know nothing of Quittance; prints its shape and sums in cents.

usage: read_grid.py [SCHEMA] FILE      the schema is that of XML files
"""

import csv
import datetime
import pathlib
import sys
from decimal import Decimal


def of_text(path, delimiter, quoting):
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "no mark"
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True), delimiter=delimiter, quoting=quoting))
    for cell in (cell for row in rows for cell in row):
        is_number = cell.lstrip("-").replace(",", "").replace(".", "").isdigit()
        assert not cell or cell[0] not in "=+-@\t\r\n" or is_number, f"{cell} would run"
    for row in rows[1:]:
        yield {name: (cell, None) for name, cell in zip(rows[0], row, strict=True)}


def of_xml(path, schema):
    from lxml import etree

    tree = etree.parse(str(path))
    etree.XMLSchema(etree.fromstring(schema.encode())).assertValid(tree)
    for row in tree.getroot():
        yield {cell.get("column"): (cell.text or "", etree.QName(cell).localname) for cell in row}


def of_workbook(path):
    import openpyxl

    for sheet in openpyxl.load_workbook(path):
        rows = sheet.iter_rows()
        names = [cell.value for cell in next(rows)]
        for row in rows:
            for cell in row:
                assert cell.data_type != "f", f"{cell.value} would run"
            yield {name: (cell.value, cell.data_type) for name, cell in zip(names, row, strict=True)}


def read(path, schema):
    if path.suffix == ".csv":
        return of_text(path, ";", csv.QUOTE_MINIMAL)
    if path.suffix == ".txt":
        return of_text(path, "\t", csv.QUOTE_NONE)
    return of_xml(path, schema) if path.suffix == ".xml" else of_workbook(path)


def cents(value, kind):
    if value in (None, ""):
        return 0
    if kind == "n":
        return int((Decimal(repr(value)) * 100).to_integral_exact())
    return int(Decimal(str(value).replace(",", ".")) * 100)


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[-1])
    sums, count, texts = {}, 0, set()
    for row in read(path, sys.argv[1] if len(sys.argv) > 2 else ""):
        count += 1
        for name, (value, kind) in row.items():
            if name in ("amount", "refunded", "fee_without_vat", "fee_vat", "net", "debit", "credit"):
                sums[name] = sums.get(name, 0) + cents(value, kind)
            elif name.endswith("_on") and value:
                day = value.date().isoformat() if isinstance(value, datetime.datetime) else value
                assert datetime.date.fromisoformat(day), day
                assert kind in (None, "day", "d"), f"{name} is {kind}"
            elif value:
                texts.add(str(value))
    print(count, " ".join(f"{name}={sums[name]}" for name in sorted(sums)))
    for text in sorted(texts):
        if any(sign in text for sign in "é€œ&<\"';"):
            print(repr(text.removeprefix("'")))
