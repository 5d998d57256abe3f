#!/usr/bin/env python3
"""Checks Factur-X files, XML or PDF, against the schema and the schematron of EN 16931; prints what is broken.

Of a PDF it also checks what PDF/A-3 wants that can be seen from its objects: no full validator can be installed as a
package.
"""
import io
import pathlib
import sys

import facturx
import pypdf
from lxml import etree
from saxonche import PySaxonProcessor

FOLDER = pathlib.Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


def archival(data):
    """What is missing for PDF/A-3b."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"].get_object()
    metadata = root["/Metadata"].get_object()
    packet = etree.fromstring(metadata.get_data())
    ids = {name: packet.findtext(f".//{{http://www.aiim.org/pdfa/ns/id/}}{name}") for name in ("part", "conformance")}
    if ids != {"part": "3", "conformance": "B"}:
        yield f"PDF/A: the metadata claim {ids}"
    if "/Filter" in metadata:
        yield "PDF/A: the metadata are compressed"
    title = packet.findtext(".//{http://purl.org/dc/elements/1.1/}title//{*}li")
    if title != reader.metadata.title:
        yield f"PDF/A: two titles, {title} and {reader.metadata.title}"
    intents = [intent.get_object() for intent in root.get("/OutputIntents", [])]
    if [intent["/S"] for intent in intents] != ["/GTS_PDFA1"] or not intents[0]["/DestOutputProfile"].get_object():
        yield "PDF/A: there is no output intent"
    if "/ID" not in reader.trailer or "/Encrypt" in reader.trailer:
        yield "PDF/A: the trailer lacks an id or is encrypted"
    relations = [part.get_object()["/AFRelationship"] for part in root.get("/AF", [])]
    if relations != ["/Alternative"]:
        yield f"PDF/A: the data are related as {relations}"
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            if annotation.get_object().get("/F", 0) & 7 != 4:
                yield "PDF/A: an annotation is not printed"
        for name, font in page["/Resources"].get("/Font", {}).items():
            yield from embedded(name, font.get_object())


def embedded(name, font):
    """What is wrong with one font."""
    for part in [font] if "/DescendantFonts" not in font else [one.get_object() for one in font["/DescendantFonts"]]:
        descriptor = part["/FontDescriptor"].get_object()
        if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"PDF/A: {name} is not embedded"
        if part["/Subtype"] == "/CIDFontType2" and "/CIDToGIDMap" not in part:
            yield f"PDF/A: {name} has no map of glyphs"
    if "/ToUnicode" not in font:
        yield f"PDF/A: {name} cannot be read as text"


def check(path, processor, rules, schema):
    """The findings of one file."""
    data = path.read_bytes()
    findings = []
    if path.suffix == ".pdf":
        findings = list(archival(data))
        name, data = facturx.get_xml_from_pdf(io.BytesIO(data), check_xsd=False)
        if name != "factur-x.xml":
            return findings + [f"the attachment is called {name}"]
    document = etree.fromstring(data)
    if not schema.validate(document):
        return findings + [str(error) for error in schema.error_log]
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=data.decode()))
    failed = etree.fromstring(report.encode()).xpath("//svrl:failed-assert", namespaces=SVRL)
    for rule in failed:
        text = " ".join("".join(rule.itertext()).split())
        findings.append(f"{rule.get('id')}: {text} [{rule.get('location')}]")
    return findings


def main():
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "Factur-X_EN16931.xsd")))
    broken = False
    with PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(FOLDER / "FACTUR-X_EN16931.xslt"))
        for name in sys.argv[1:]:
            findings = check(pathlib.Path(name), processor, rules, schema)
            broken = broken or bool(findings)
            print(f"{name}: {len(findings)} findings", *findings, sep="\n  ")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
