"""Prints what the codes on the last page of a PDF say, as a telephone would read them off the paper."""

import sys

import pypdfium2
import zxingcpp

document = pypdfium2.PdfDocument(sys.argv[1])
# 216 dots per inch, less than any printer has.
bitmap = document[len(document) - 1].render(scale=3, grayscale=True)
pixels = memoryview(bitmap.buffer).cast("B").cast("B", (bitmap.height, bitmap.stride))
for code in zxingcpp.read_barcodes(pixels):
    print(code.text)
