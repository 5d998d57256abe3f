-- A number that somebody is called by may be a contact's, as that of a client who was merged into another is.
CREATE INDEX client_contact_by_phone ON client_contact (organisation, phone) WHERE phone IS NOT NULL;
