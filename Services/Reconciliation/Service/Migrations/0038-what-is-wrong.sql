-- The amount of a discrepancy is what is wrong, and no longer all of the line: what a person closed of a fee or an amount
-- stays closed, since it is still about the same.
SELECT set_config('quittance.organisation', 'every', true);
UPDATE discrepancy SET amount = wrong.amount
FROM (
    SELECT discrepancy.id, CASE discrepancy.kind WHEN 'fee' THEN line.fee - expectation.fee - expectation.fee_vat
        ELSE line.gross - expectation.amount END AS amount
    FROM discrepancy JOIN expectation ON expectation.payment = discrepancy.payment
        JOIN settlement_line AS line ON line.payment = discrepancy.payment AND line.reference = discrepancy.subject
            AND line.kind = 'payment' AND line.currency = expectation.currency
    WHERE discrepancy.kind IN ('fee', 'amount')) AS wrong
WHERE discrepancy.id = wrong.id AND wrong.amount <> 0;
-- Those that were closed are read by pages, like those that wait.
CREATE INDEX discrepancy_closed ON discrepancy (organisation, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
