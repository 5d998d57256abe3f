-- What a payment waits for before the provider is asked: nothing, or a code the client reads out.
ALTER TABLE payment ADD COLUMN confirmation text NOT NULL DEFAULT 'none';
ALTER TABLE payment ADD COLUMN verification jsonb; -- fingerprint, tries, times; the code itself is nowhere
