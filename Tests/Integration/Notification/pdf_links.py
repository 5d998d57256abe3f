"""Prints where the links of the PDF in a mail lead, one on each line."""

import email
import email.policy
import io
import sys

import pypdf

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
pages = 0
for part in mail.iter_attachments():
    for page in pypdf.PdfReader(io.BytesIO(part.get_content())).pages:
        pages += 1
        for annotation in page.get("/Annots") or []:
            action = annotation.get_object().get("/A")
            if action and "/URI" in action:
                print(action["/URI"])
sys.exit(0 if pages else "no PDF in the mail")
