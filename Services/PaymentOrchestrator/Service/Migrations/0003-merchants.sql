-- An account is one merchant's. A clinic that gets another merchant's key gets another account, and what the former one
-- took is still read and given back with the former one's key.
ALTER TABLE provider_account ADD COLUMN merchant text GENERATED ALWAYS AS (contract ->> 'merchant') STORED;
ALTER TABLE provider_account ADD COLUMN retired_at timestamptz; -- NULL: the one new payments are made with
ALTER TABLE provider_account DROP CONSTRAINT provider_account_one_per_clinic;
CREATE UNIQUE INDEX provider_account_one_per_clinic ON provider_account (organisation, clinic, provider)
    WHERE retired_at IS NULL;
CREATE UNIQUE INDEX provider_account_one_per_merchant ON provider_account (organisation, clinic, provider, merchant);

-- What was paid, where a person accepted another amount than was asked for; NULL: the amount asked for.
ALTER TABLE payment ADD COLUMN accepted_amount bigint;

-- What the person who did it said about it.
ALTER TABLE payment_history ADD COLUMN note text;
