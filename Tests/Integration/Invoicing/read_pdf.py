"""Tells of a PDF how many pages it has, whether it is marked as PDF/A-3, and the words on its first and last page."""

import sys

import pypdf

reader = pypdf.PdfReader(sys.argv[1])
metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
print("pages", len(reader.pages))
print("archival", 'pdfaid:part="3"' in metadata or "<pdfaid:part>3" in metadata)
for page in (reader.pages[0], reader.pages[-1]):
    print(" ".join(page.extract_text().split()))
