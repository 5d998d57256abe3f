-- What was written to somebody of the directory, for whoever erases or merges the client that is.
CREATE INDEX message_by_contact ON message (contact) WHERE contact IS NOT NULL;
-- What did not leave, in a list of it alone: few of many.
CREATE INDEX message_unsent_in_order ON message (organisation, state, id DESC) WHERE state IN ('failed', 'called-off');
