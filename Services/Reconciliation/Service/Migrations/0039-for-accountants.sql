-- Of a line on 512: which account of the bank it is, by IBAN; nothing where an earlier version booked it. It comes before
-- what is booked here: a table cannot be altered while lines of it wait for their balance to be checked.
ALTER TABLE ledger_line ADD COLUMN bank text;

-- What takes the money of a payout that was pointed without a bank line. Earlier versions booked it at the bank, where it
-- stays until the payout is un-pointed.
SELECT set_config('quittance.organisation', 'every', true);
ALTER TABLE payout ADD COLUMN no_line_account text;
UPDATE payout SET no_line_account = '512000'
WHERE pointed_at IS NOT NULL AND bank_line IS NULL AND joint_pointing IS NULL AND rule IS DISTINCT FROM 'nothing';
ALTER TABLE payout ADD CONSTRAINT payout_has_line_or_account CHECK (
    no_line_account IS NULL OR (pointed_at IS NOT NULL AND bank_line IS NULL AND joint_pointing IS NULL));
ALTER TABLE pointing_undone ADD COLUMN no_line_account text;

-- Money that was held for a client and has been counted for an invoice since is held no more.
CREATE INDEX receipt_taken_off_by_payment ON receipt_taken_off (organisation, payment);
WITH counted AS (
    SELECT organisation, payment, currency, provider_reference, accepted_on, least(
        greatest((
            SELECT coalesce(sum(receipt.amount), 0) FROM online_receipt AS online JOIN vat_receipt AS receipt
                ON receipt.organisation = online.organisation AND receipt.payment = online.payment_on_account
            WHERE online.payment = expectation.payment AND receipt.currency = expectation.currency) - (
            SELECT coalesce(sum(taken.amount), 0) FROM online_receipt AS online JOIN receipt_taken_off AS taken
                ON taken.organisation = online.organisation AND taken.payment = online.payment_on_account
            WHERE online.payment = expectation.payment AND taken.currency = expectation.currency), 0),
        greatest(amount - refunded - (
            SELECT coalesce(sum(dispute.amount - given_back), 0) FROM dispute
            WHERE dispute.payment = expectation.payment AND dispute.currency = expectation.currency
                AND outcome = 'lost'), 0)) AS amount
    FROM expectation WHERE is_held
), moved AS (
    SELECT gen_random_uuid() AS id, counted.*, greatest(accepted_on, (
        SELECT max(received_on) FROM online_receipt AS online JOIN vat_receipt AS receipt
            ON receipt.organisation = online.organisation AND receipt.payment = online.payment_on_account
        WHERE online.payment = counted.payment)) AS day
    FROM counted WHERE amount <> 0
), booked AS (
    INSERT INTO ledger_entry (id, organisation, kind, subject, piece, happened_on, booked_on)
    SELECT id, organisation, 'held-counted', payment, provider_reference, day, greatest(day, (
        SELECT max(to_day) + 1 FROM accounting_period AS closed
        WHERE closed.organisation = moved.organisation AND reopened_at IS NULL))
    FROM moved
    RETURNING id
)
INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
SELECT moved.id, organisation, position, account, currency, amount * sign
FROM booked JOIN moved USING (id)
    CROSS JOIN (VALUES (1, '419100', 1), (2, '411000', -1)) AS side (position, account, sign);

-- From which day on it is so; none where it is so of any day, as earlier versions took it for all that came later.
ALTER TABLE fee_tax ADD COLUMN from_day date;

-- The VAT that the clinic owes for a fee itself, as it was booked; nothing where an earlier version booked it.
ALTER TABLE expectation ADD COLUMN fee_owed bigint;
ALTER TABLE settlement_line ADD COLUMN fee_owed bigint;

-- An account of the bank may have a number (512x) and a journal of its own in the books.
ALTER TABLE bank_account
    ADD COLUMN number  text CHECK (number ~ '^[0-9]{3}[0-9A-Z]*$'),
    ADD COLUMN label   text,
    ADD COLUMN journal text, -- its code
    ADD CONSTRAINT bank_account_named_as_a_whole CHECK (
        (number IS NULL) = (label IS NULL) AND (number IS NULL) = (journal IS NULL));
