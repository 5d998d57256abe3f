-- A file that is sent again under its key is the same import, and is listed once.
SELECT set_config('quittance.organisation', 'every', true);
DELETE FROM file_import WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (
            PARTITION BY organisation, key ORDER BY (state = 'done' AND NOT is_dry_run) DESC, id DESC) AS place
        FROM file_import WHERE key IS NOT NULL) AS told
    WHERE place > 1);
ALTER TABLE file_import ADD CONSTRAINT file_import_once UNIQUE (organisation, key);
