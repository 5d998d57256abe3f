-- Messages about invoices beside those about payments, for organisations that switched them on.

-- What a message is about: this or its payment.
ALTER TABLE message ADD COLUMN invoice uuid;
ALTER TABLE message ADD CONSTRAINT message_about_one CHECK (payment IS NULL OR invoice IS NULL);
CREATE INDEX message_by_invoice ON message (invoice) WHERE invoice IS NOT NULL;

-- How each travels; null: it is not sent.
ALTER TABLE sending_policy ADD COLUMN documents_by text, ADD COLUMN deposit_requests_by text,
    ADD COLUMN overdue_by text;
