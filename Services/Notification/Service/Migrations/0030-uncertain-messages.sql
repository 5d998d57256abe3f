-- Counted every few seconds, and listed newest first for who asks the clients: those nobody knows the outcome of.
CREATE INDEX message_uncertain_in_order ON message (organisation, id DESC) WHERE state = 'uncertain';
