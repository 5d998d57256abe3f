-- The client was erased while a gateway was called for the message: it is forgotten with the outcome of its call.
ALTER TABLE message ADD COLUMN is_to_forget boolean NOT NULL DEFAULT false;
