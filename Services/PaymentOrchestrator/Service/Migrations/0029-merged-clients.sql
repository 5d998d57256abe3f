-- Whom invoicing made of a client, when two were one person (INV-1): what the one owes leads to the other.
ALTER TABLE client ADD COLUMN merged_into uuid;
CREATE INDEX client_merged ON client (organisation, merged_into) WHERE merged_into IS NOT NULL;
