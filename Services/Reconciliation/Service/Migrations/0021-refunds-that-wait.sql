-- A refund may have come back before the payment it is of was told of.
ALTER TABLE waiting_refund ADD COLUMN returned_on date;

-- What is not pointed is looked for by every import.
CREATE INDEX payout_pending ON payout (organisation, id) WHERE pointed_at IS NULL;
