-- Whoever changes what an organisation is called says which version was seen.
ALTER TABLE organisation ADD COLUMN version bigint NOT NULL DEFAULT 1;
