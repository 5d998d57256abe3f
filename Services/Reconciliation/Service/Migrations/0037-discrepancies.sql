-- Explanations ask for what was wrong with a payment or a payout, closed or not, and so does each import of a payout.
CREATE INDEX discrepancy_of_payment ON discrepancy (payment) WHERE payment IS NOT NULL;
CREATE INDEX discrepancy_of_payout ON discrepancy (payout) WHERE payout IS NOT NULL;
DROP INDEX discrepancy_open_of_payment;

-- The account of the ledger that takes what it leaves, where the person who closed it gave one.
ALTER TABLE discrepancy
    ADD COLUMN closed_into text,
    ADD CONSTRAINT discrepancy_closed_into_by_a_person CHECK (closed_into IS NULL OR closed_by IS NOT NULL);
