-- The plans whose client's fee the clinic bears unless it is said otherwise.
ALTER TABLE provider_account ADD COLUMN free_plans text[] NOT NULL DEFAULT '{}';
