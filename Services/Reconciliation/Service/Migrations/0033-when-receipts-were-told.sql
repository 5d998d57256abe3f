-- What messages tell apart is held against each other once it is a day old; what is there counts as told now.
ALTER TABLE vat_receipt ADD COLUMN told_at timestamptz NOT NULL DEFAULT now();
