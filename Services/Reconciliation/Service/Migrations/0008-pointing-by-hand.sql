-- A payout that is pointed by hand has its bank line, or a person's reason why there is none.
ALTER TABLE payout
    ADD COLUMN no_line_because text,
    ADD CONSTRAINT payout_has_line_or_reason CHECK (no_line_because IS NULL OR bank_line IS NULL);
CREATE INDEX bank_line_in_order ON bank_line (organisation, id DESC);
