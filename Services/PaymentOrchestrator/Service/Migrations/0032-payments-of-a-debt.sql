-- What was asked for and paid of one invoice, or of one sum without, among all of an organisation's payments.
CREATE INDEX payment_by_invoice ON payment (organisation, invoice, id DESC) WHERE invoice IS NOT NULL;
CREATE INDEX payment_by_receivable ON payment (organisation, receivable, id DESC) WHERE receivable IS NOT NULL;
