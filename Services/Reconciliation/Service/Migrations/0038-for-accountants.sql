-- What takes the money of a payout that was pointed without a bank line. Earlier versions booked it at the bank, where it
-- stays until the payout is un-pointed.
SELECT set_config('quittance.organisation', 'every', true);
ALTER TABLE payout ADD COLUMN no_line_account text;
UPDATE payout SET no_line_account = '512000'
WHERE pointed_at IS NOT NULL AND bank_line IS NULL AND joint_pointing IS NULL AND rule IS DISTINCT FROM 'nothing';
ALTER TABLE payout ADD CONSTRAINT payout_has_line_or_account CHECK (
    no_line_account IS NULL OR (pointed_at IS NOT NULL AND bank_line IS NULL AND joint_pointing IS NULL));
ALTER TABLE pointing_undone ADD COLUMN no_line_account text;
