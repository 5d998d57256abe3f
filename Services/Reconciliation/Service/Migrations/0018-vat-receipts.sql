-- What was received for invoices, by day and rate of VAT: what is reported of payments (e-reporting).
CREATE TABLE invoice_vat (
    organisation uuid    NOT NULL,
    invoice      uuid    NOT NULL,
    rate         int     NOT NULL, -- basis points
    currency     char(3) NOT NULL,
    part         bigint  NOT NULL, -- of the invoice's total, VAT included
    CONSTRAINT invoice_vat_once PRIMARY KEY (invoice, rate)
);
SELECT fence_by_organisation('invoice_vat');

CREATE TABLE vat_receipt (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    payment      uuid    NOT NULL, -- the money on account it is of
    invoice      uuid, -- none: it went to a debt that is on no invoice
    received_on  date    NOT NULL,
    is_first     boolean NOT NULL, -- counted when it was received; else when credit was, or when it was taken back
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL -- below nothing: taken back
);
CREATE INDEX vat_receipt_by_day ON vat_receipt (organisation, received_on);
CREATE INDEX vat_receipt_by_payment ON vat_receipt (organisation, payment);
SELECT fence_by_organisation('vat_receipt');
