-- What a person noted and the provider goes on listing: it is no news at every reading.
ALTER TABLE payment ADD COLUMN noted jsonb NOT NULL DEFAULT '[]';
