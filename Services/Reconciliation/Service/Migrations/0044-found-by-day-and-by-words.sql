-- What the tills of an organisation took on a day is read by that day, whichever clinic it was.
CREATE INDEX till_movement_taken_on ON till_movement (organisation, day) WHERE act = 'taken';

-- A payout is looked for by the words of its reference as they stand in a bank's text, with others or without:
-- providers write theirs in letters and digits of ASCII, with signs between.
ALTER TABLE payout
    ADD COLUMN reference_words text NOT NULL GENERATED ALWAYS AS (
        upper(trim(regexp_replace(reference COLLATE "C", '[^A-Za-z0-9]+', ' ', 'g')))) STORED,
    ADD COLUMN reference_word_count int NOT NULL GENERATED ALWAYS AS (
        length(trim(regexp_replace(reference COLLATE "C", '[^A-Za-z0-9]+', ' ', 'g')))
            - length(regexp_replace(reference COLLATE "C", '[^A-Za-z0-9]+', '', 'g')) + 1) STORED;
CREATE INDEX payout_by_words ON payout (organisation, reference_word_count, reference_words);
