"""Reads a file as a bare parser of its format does: it is split into its parts, and nothing is made of them.

Prints how many lines a second it read.
"""
import csv
import sys
import time
import xml.parsers.expat

kind, path, lines = sys.argv[1], sys.argv[2], int(sys.argv[3])
start = time.perf_counter()
parts = 0
if kind == "camt053":
    parser = xml.parsers.expat.ParserCreate()

    def count(*_):
        global parts
        parts += 1

    parser.StartElementHandler = count
    parser.CharacterDataHandler = count
    with open(path, "rb") as file:
        parser.ParseFile(file)
elif kind in ("csv", "alma", "stripe", "paypal"):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.reader(file, delimiter=";" if kind == "csv" else ","):
            parts += len(row)
else:
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts += len(line.split("<") if kind == "ofx" else line.split(":") if kind == "mt940" else [line[90:104]])
print(lines / (time.perf_counter() - start))
