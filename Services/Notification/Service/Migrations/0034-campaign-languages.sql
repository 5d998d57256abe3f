-- The texts for contacts whose language has one of its own, by the language; all others get the body.
ALTER TABLE campaign ADD COLUMN other_languages jsonb NOT NULL DEFAULT '{}';
