-- The link by which a clinic brings its provider another one, and how far it came; NULL: none was entered.
ALTER TABLE provider_account ADD COLUMN referral jsonb;
