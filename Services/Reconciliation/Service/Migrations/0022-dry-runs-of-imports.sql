-- A file that was only tried brought nothing.
ALTER TABLE file_import ADD COLUMN is_dry_run boolean NOT NULL DEFAULT false;
