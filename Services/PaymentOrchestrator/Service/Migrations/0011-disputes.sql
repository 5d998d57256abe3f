-- Every dispute of a payment as its provider tells of it, oldest first.
ALTER TABLE payment ADD COLUMN disputes jsonb NOT NULL DEFAULT '[]';
