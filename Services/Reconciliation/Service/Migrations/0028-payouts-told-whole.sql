-- What a provider's API told is all there is of a payout: no file makes it more.
ALTER TABLE payout ADD COLUMN told_whole boolean NOT NULL DEFAULT false;
