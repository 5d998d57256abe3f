-- Where a trail begins: the quote an invoice comes from, its deposits, and how often its payment was tried.
CREATE TABLE quote (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    number       text    NOT NULL,
    issued_on    date    NOT NULL,
    currency     char(3) NOT NULL,
    total        bigint  NOT NULL
);
SELECT fence_by_organisation('quote');

CREATE TABLE deposit (
    invoice      uuid    PRIMARY KEY, -- the invoice of the deposit
    organisation uuid    NOT NULL,
    quote        uuid    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL,
    due_on       date    NOT NULL
);
CREATE INDEX deposit_of_quote ON deposit (quote);
SELECT fence_by_organisation('deposit');

-- Nothing where an earlier version was told of the invoice.
ALTER TABLE invoice_number
    ADD COLUMN quote    uuid,
    ADD COLUMN currency char(3),
    ADD COLUMN total    bigint;

CREATE INDEX vat_receipt_by_invoice ON vat_receipt (invoice) WHERE invoice IS NOT NULL;

ALTER TABLE sale
    ADD COLUMN invoice      uuid,
    ADD COLUMN requested_by text; -- nothing where an earlier version was told of it
SELECT set_config('quittance.organisation', 'every', true);
UPDATE sale SET invoice = expectation.invoice FROM expectation
WHERE expectation.payment = sale.payment AND expectation.invoice IS NOT NULL;
CREATE INDEX sale_by_invoice ON sale (invoice) WHERE invoice IS NOT NULL;
