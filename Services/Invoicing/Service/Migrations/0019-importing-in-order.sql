-- Files that failed wait between tries, keep their counts, and forget their rows once.
ALTER TABLE import_file ADD COLUMN next_try_at timestamptz,
    ADD COLUMN rows_forgotten boolean NOT NULL DEFAULT false;

SELECT set_config('quittance.organisation', 'every', true);
UPDATE import_file SET added = counted.added, already_there = counted.already_there, refused = counted.refused
FROM (
    SELECT import_file, count(*) FILTER (WHERE outcome = 'added') AS added,
        count(*) FILTER (WHERE outcome = 'already-there') AS already_there,
        count(*) FILTER (WHERE outcome = 'refused') AS refused
    FROM import_row GROUP BY import_file
) AS counted
WHERE import_file.id = counted.import_file AND import_file.state = 'failed';

DROP INDEX import_file_finished;
CREATE INDEX import_file_to_forget ON import_file (finished_at) WHERE finished_at IS NOT NULL AND NOT rows_forgotten;
CREATE INDEX import_file_waiting_of_organisation ON import_file (organisation, id) WHERE state IN ('reading', 'taking');
-- Forgetting a client looks for the rows that name it.
CREATE INDEX import_row_of_organisation ON import_row (organisation);

-- What a provider took back of a payment beyond what was still held of it.
ALTER TABLE dispute ADD COLUMN excess bigint NOT NULL DEFAULT 0 CHECK (excess >= 0);
