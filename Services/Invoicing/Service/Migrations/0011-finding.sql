-- Clients are found by any part of their name, whatever its accents and capitals.
--
-- No index helps: a condition of the database's own on a text may not be looked at before the fence of the organisation
-- (it is not leakproof), so each client of the organisation is looked at, and what is compared is computed once.
CREATE FUNCTION plain_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    lower(replace(replace(replace(replace(replace(replace(replace(
        regexp_replace(normalize($1, NFKD), U&'[\0300-\036F]', '', 'g'),
        'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ø', 'o'), 'Ø', 'o'), 'ß', 'ss'));
ALTER TABLE client ADD COLUMN plain_name text NOT NULL
    GENERATED ALWAYS AS (plain_text(last_name || ' ' || first_name)) STORED;

CREATE INDEX credit_note_in_order ON credit_note (organisation, id DESC);
