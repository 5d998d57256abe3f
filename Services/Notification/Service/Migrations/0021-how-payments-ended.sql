-- How clients are told that a payment was refused or cancelled; null: they are not.
ALTER TABLE sending_policy ADD COLUMN payment_ends_by text;

-- Whether a payment's link was brought by the mail of its invoice.
CREATE INDEX message_by_carried_payment ON message (carried_payment) WHERE carried_payment IS NOT NULL;
