-- The fee screen has a row for each thing that happened, on its own day and in its own payout: what comes later is a row
-- of its own, and the rows of a payout are what the bank received.

-- When the client had it back, and the provider's line that settled it.
ALTER TABLE counted_refund ADD COLUMN completed_on date, ADD COLUMN settlement_line uuid;
-- The provider's line that settled the payment.
ALTER TABLE expectation ADD COLUMN settlement_line uuid;
-- How much of the fee is VAT, as it was booked for a fee given back.
ALTER TABLE settlement_line ADD COLUMN fee_vat bigint NOT NULL DEFAULT 0;

SELECT set_config('quittance.organisation', 'every', true);
UPDATE counted_refund SET completed_on = coalesce(
    (SELECT coalesce(happened_on, booked_on) FROM ledger_entry WHERE kind = 'refund' AND subject = refund LIMIT 1),
    (SELECT accepted_on FROM expectation WHERE expectation.payment = counted_refund.payment));
-- The default is for a process of the version before that still runs.
ALTER TABLE counted_refund ALTER COLUMN completed_on SET NOT NULL, ALTER COLUMN completed_on SET DEFAULT CURRENT_DATE;
UPDATE expectation SET settlement_line = (
    SELECT id FROM settlement_line
    WHERE settlement_line.payment = expectation.payment AND kind = 'payment'
        AND settlement_line.currency = expectation.currency
    ORDER BY reference COLLATE "C" LIMIT 1)
WHERE payout IS NOT NULL;
UPDATE counted_refund SET settlement_line = line.id
FROM (
    SELECT refund, payment, amount,
        row_number() OVER (PARTITION BY payment, amount ORDER BY completed_on, refund) AS place
    FROM counted_refund) AS told
JOIN (
    SELECT settlement_line.id, settlement_line.payment, -gross AS amount,
        row_number() OVER (
            PARTITION BY settlement_line.payment, gross ORDER BY paid_on, settlement_line.reference COLLATE "C") AS place
    FROM settlement_line JOIN payout ON payout.id = settlement_line.payout
        JOIN expectation ON expectation.payment = settlement_line.payment
            AND expectation.currency = settlement_line.currency
    WHERE settlement_line.kind = 'refund') AS line USING (payment, amount, place)
WHERE told.refund = counted_refund.refund;
UPDATE settlement_line SET fee_vat = ledger_line.amount
FROM ledger_entry JOIN ledger_line ON ledger_line.entry = ledger_entry.id AND ledger_line.account = '445660'
WHERE ledger_entry.kind = 'refund-fee' AND ledger_entry.subject = settlement_line.id;

CREATE UNIQUE INDEX settlement_line_by_id ON settlement_line (id);
CREATE INDEX payout_by_day ON payout (organisation, paid_on);
CREATE INDEX counted_refund_by_day ON counted_refund (organisation, completed_on, refund);
CREATE INDEX counted_refund_by_payment ON counted_refund (payment);
CREATE INDEX counted_refund_by_line ON counted_refund (settlement_line);
