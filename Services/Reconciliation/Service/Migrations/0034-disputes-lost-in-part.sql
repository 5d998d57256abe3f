-- What the provider gives back of a dispute at its end: all of one that was won, and of one that was lost what it did
-- not take, which is below nothing where it took more than was disputed first.
ALTER TABLE dispute ADD COLUMN given_back bigint NOT NULL DEFAULT 0;
SELECT set_config('quittance.organisation', 'every', true);
UPDATE dispute SET given_back = amount WHERE outcome = 'won';
ALTER TABLE dispute ADD CONSTRAINT dispute_gives_back_what_it_took CHECK (
    given_back <= amount AND (given_back = 0 OR outcome IS NOT NULL) AND (given_back = amount OR outcome <> 'won'));
