-- What is kept of a client is found without reading what is kept of all others.
CREATE INDEX message_by_client ON message (client) WHERE client IS NOT NULL;
CREATE INDEX campaign_recipient_by_contact ON campaign_recipient (contact) WHERE contact IS NOT NULL;
