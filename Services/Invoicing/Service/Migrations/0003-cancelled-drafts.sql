-- A draft that nobody wants is cancelled, not deleted; its reference can be used again.

ALTER TABLE invoice ADD COLUMN cancelled boolean NOT NULL DEFAULT false;
ALTER TABLE invoice ADD CONSTRAINT invoice_cancelled_as_draft CHECK (NOT cancelled OR number IS NULL);
ALTER TABLE invoice DROP CONSTRAINT invoice_reference_once;
CREATE UNIQUE INDEX invoice_reference_once ON invoice (organisation, reference) WHERE NOT cancelled;

-- Lists of clients, newest first.
CREATE INDEX client_in_order ON client (organisation, id DESC);
