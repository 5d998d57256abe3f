-- What credit notes took off each rate of an invoice: what is received of it is at the rates of what still stands.
CREATE TABLE credited_vat (
    organisation uuid    NOT NULL,
    credit_note  uuid    NOT NULL,
    invoice      uuid    NOT NULL,
    rate         int     NOT NULL, -- basis points
    credited_on  date    NOT NULL,
    currency     char(3) NOT NULL,
    part         bigint  NOT NULL, -- of the credit note's total, VAT included
    CONSTRAINT credited_vat_once PRIMARY KEY (credit_note, rate)
);
CREATE INDEX credited_vat_of_invoice ON credited_vat (invoice, rate, credited_on);
CREATE INDEX credited_vat_by_day ON credited_vat (organisation, credited_on);
SELECT fence_by_organisation('credited_vat');

-- All that was received of an invoice is read with what of it falls into a period.
CREATE INDEX receipt_taken_off_by_invoice ON receipt_taken_off (invoice) WHERE invoice IS NOT NULL;
