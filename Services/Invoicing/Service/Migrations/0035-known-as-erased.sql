-- By what files called a client who was forgotten, as a digest: one that names it again makes nobody anew.
ALTER TABLE client ADD COLUMN erased_reference bytea;
CREATE INDEX client_erased_reference ON client (organisation, erased_reference) WHERE erased_reference IS NOT NULL;
