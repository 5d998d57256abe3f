-- What a credit note took off money that was counted for an invoice: such money may be counted for another, or went back.
--
-- Apart from what was counted, which the accounts of invoices set against what was freed and given back as sums.
CREATE TABLE receipt_taken_off (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    payment      uuid    NOT NULL, -- the money on account it is of
    invoice      uuid    NOT NULL,
    taken_on     date    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL CHECK (amount > 0)
);
CREATE INDEX receipt_taken_off_by_day ON receipt_taken_off (organisation, taken_on);
SELECT fence_by_organisation('receipt_taken_off');
