-- Which clinic events say a payment or an invoice is of: whose clinic it is needs no other proof.
ALTER TABLE invoice_number ADD COLUMN clinic uuid;
CREATE INDEX invoice_number_of_clinic ON invoice_number (clinic, organisation);
CREATE INDEX expectation_of_clinic ON expectation (clinic, organisation);
