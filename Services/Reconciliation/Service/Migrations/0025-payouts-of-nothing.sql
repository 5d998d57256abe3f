-- A payout that comes to nothing is pointed by itself; not again once a person has taken that back.
ALTER TABLE payout ADD COLUMN nothing_refused boolean NOT NULL DEFAULT false;
CREATE INDEX payout_of_nothing ON payout (organisation, id) WHERE rule = 'nothing';
