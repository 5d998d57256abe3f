-- A file that is sent again under its sender's key is the same import, and is listed once.
ALTER TABLE file_import ADD COLUMN sender text; -- whose key it is; nothing where an earlier version took the request
ALTER TABLE file_import ADD CONSTRAINT file_import_once UNIQUE (organisation, sender, key);
