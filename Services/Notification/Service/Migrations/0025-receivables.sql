-- What is owed without an invoice is something a message can be about, too.
ALTER TABLE message ADD COLUMN receivable uuid;
CREATE INDEX message_by_receivable ON message (receivable) WHERE receivable IS NOT NULL;
ALTER TABLE message DROP CONSTRAINT message_about_one;
ALTER TABLE message ADD CONSTRAINT message_about_one CHECK (
    num_nonnulls(payment, invoice, campaign, payment_on_account, receivable) <= 1);
