-- The payment whose link a mail about an invoice brings, or brought: another mail about that link is needless (INV-5).
ALTER TABLE message ADD COLUMN carried_payment uuid;
