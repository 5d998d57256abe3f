"""Tells of a PDF how many pages it has, whether it is marked as PDF/A-3, the words on its first and last page, and how
many points above the foot of the first page each text that is asked for stands."""

import sys

import pypdf

reader = pypdf.PdfReader(sys.argv[1])
metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
print("pages", len(reader.pages))
print("archival", 'pdfaid:part="3"' in metadata or "<pdfaid:part>3" in metadata)
for page in (reader.pages[0], reader.pages[-1]):
    print(" ".join(page.extract_text().split()))
heights = {}


def note(text, outer, inner, *_):
    for asked in sys.argv[2:]:
        if asked in text:
            heights[asked] = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]


reader.pages[0].extract_text(visitor_text=note)
for asked in sys.argv[2:]:
    print("at", round(heights.get(asked, -1)))
