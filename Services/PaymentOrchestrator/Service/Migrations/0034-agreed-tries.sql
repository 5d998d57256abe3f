-- Whether the client has agreed to a try by its provider's word; of what is open already the next read tells it.
ALTER TABLE attempt ADD COLUMN is_agreed boolean NOT NULL DEFAULT false;
