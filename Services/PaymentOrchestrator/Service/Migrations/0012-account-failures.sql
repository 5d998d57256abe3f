-- When an account's key was last tried, and since when, and why, it works no longer; NULL: it works.
ALTER TABLE provider_account ADD COLUMN checked_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE provider_account ADD COLUMN failed_at timestamptz;
ALTER TABLE provider_account ADD COLUMN failure text;
