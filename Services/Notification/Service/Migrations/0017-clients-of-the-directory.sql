-- Who of the directory is a client of the books: who is forgotten there is forgotten here, written to or not (GEN-7).

-- When invoicing was asked whose number or address it is, and knew nobody; null: it has to be asked.
ALTER TABLE contact ADD COLUMN asked_at timestamptz;
CREATE INDEX contact_to_link ON contact (id) WHERE client IS NULL AND asked_at IS NULL;

-- Clients who came or changed: an entry with their number or address is theirs.
CREATE TABLE client_to_link (
    organisation uuid        NOT NULL,
    client       uuid        NOT NULL,
    CONSTRAINT client_to_link_once PRIMARY KEY (organisation, client)
);
SELECT fence_by_organisation('client_to_link');
