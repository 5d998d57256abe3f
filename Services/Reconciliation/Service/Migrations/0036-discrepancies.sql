-- Explanations ask for what was wrong with a payment or a payout, closed or not, and so does each import of a payout.
CREATE INDEX discrepancy_of_payment ON discrepancy (payment) WHERE payment IS NOT NULL;
CREATE INDEX discrepancy_of_payout ON discrepancy (payout) WHERE payout IS NOT NULL;
DROP INDEX discrepancy_open_of_payment;

-- The account of the ledger that takes what it leaves, where the person who closed it gave one.
ALTER TABLE discrepancy
    ADD COLUMN closed_into text,
    ADD CONSTRAINT discrepancy_closed_into_by_a_person CHECK (closed_into IS NULL OR closed_by IS NOT NULL);

-- What providers kept of payments otherwise than was told is booked by this version; here it is of those that were
-- settled before, as this version would have booked it.
SELECT set_config('quittance.organisation', 'every', true);
WITH correction AS (
    SELECT gen_random_uuid() AS id, line.id AS line, line.organisation, line.reference, line.provider, line.currency,
        paid_on, line.fee - vat - expectation.fee AS more, vat - expectation.fee_vat AS more_vat,
        CASE WHEN tax.treatment = 'reverse-charge' AND vat = 0
            THEN round((line.fee - vat) * tax.rate / 10000.0) ELSE 0 END
            - CASE WHEN tax.treatment = 'reverse-charge' AND expectation.fee_vat = 0
                THEN round(expectation.fee * tax.rate / 10000.0) ELSE 0 END AS more_owed
    FROM expectation JOIN settlement_line AS line ON line.id = expectation.settlement_line
        JOIN payout ON payout.id = line.payout
        LEFT JOIN LATERAL (
            SELECT treatment, rate FROM fee_tax
            WHERE fee_tax.organisation = line.organisation AND fee_tax.provider = line.provider
            ORDER BY id DESC LIMIT 1) AS said ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(said.treatment, CASE line.provider WHEN 'alma' THEN 'charged' ELSE 'reverse-charge' END)
                    AS treatment, coalesce(said.rate, 2000) AS rate) AS tax
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN told_fee_vat IS NOT NULL THEN told_fee_vat
                WHEN tax.treatment = 'charged' AND expectation.fee + expectation.fee_vat > 0
                THEN trunc(line.fee::numeric * expectation.fee_vat / (expectation.fee + expectation.fee_vat))::bigint
                ELSE 0 END AS vat) AS kept
    WHERE line.fee <> expectation.fee + expectation.fee_vat
        OR coalesce(told_fee_vat, expectation.fee_vat) <> expectation.fee_vat
), noted AS (
    UPDATE settlement_line SET fee_vat = more_vat FROM correction WHERE settlement_line.id = correction.line
), entry AS (
    INSERT INTO ledger_entry (id, organisation, kind, subject, piece, happened_on, booked_on)
    SELECT id, organisation, 'fee-correction', line, reference, paid_on, greatest(paid_on, (
        SELECT max(to_day) + 1 FROM accounting_period
        WHERE accounting_period.organisation = correction.organisation AND reopened_at IS NULL))
    FROM correction
    RETURNING id
)
INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
SELECT id, organisation, position, account, currency, amount
FROM entry JOIN correction USING (id) CROSS JOIN LATERAL (VALUES
    (1, '627000', more), (2, '445660', more_vat),
    (3, CASE provider WHEN 'alma' THEN '511500' WHEN 'stripe' THEN '511600' ELSE '511700' END, -more - more_vat),
    (4, '445660', more_owed::bigint), (5, '445200', -more_owed::bigint)) AS side (position, account, amount)
WHERE amount <> 0;
