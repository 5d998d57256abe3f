-- When a payment's link was last sent again; NULL: never.
ALTER TABLE payment ADD COLUMN link_asked_at timestamptz;

-- Whether it was told since when an account takes payments. Those that were connected before others asked for that
-- are told of once more.
ALTER TABLE provider_account ADD COLUMN is_since_told boolean NOT NULL DEFAULT false;

-- When an account's provider was last asked which payments are disputed, and until when its answer reaches.
ALTER TABLE provider_account ADD COLUMN disputes_asked_at timestamptz;
ALTER TABLE provider_account ADD COLUMN disputes_known_until timestamptz;
