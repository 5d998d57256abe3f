-- The receipt of money that invoicing recorded.
ALTER TABLE message ADD COLUMN payment_on_account uuid;
CREATE INDEX message_by_payment_on_account ON message (payment_on_account) WHERE payment_on_account IS NOT NULL;

-- How it travels; null: it is not sent.
ALTER TABLE sending_policy ADD COLUMN receipts_by text;
