-- Whether payouts of the account were taken in whose bank lines nobody has looked for yet: an earlier version did not say.
ALTER TABLE payout_source ADD COLUMN awaits_matching boolean NOT NULL DEFAULT true;
