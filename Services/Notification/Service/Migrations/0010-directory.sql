-- The directory of an organisation: whom campaigns can be sent to.

-- Contacts are found by any part of a name or an address, whatever its accents and capitals.
CREATE FUNCTION plain_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    lower(replace(replace(replace(replace(replace(replace(replace(
        regexp_replace(normalize($1, NFKD), U&'[\0300-\036F]', '', 'g'),
        'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ø', 'o'), 'Ø', 'o'), 'ß', 'ss'));

-- Personal, all of it: gone when the person is.
CREATE TABLE contact (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    clinic       uuid,
    -- The client of the books, where somebody said so.
    client       uuid,
    last_name    text        NOT NULL,
    first_name   text        NOT NULL,
    phone        text,
    email        text,
    language     text        NOT NULL,
    -- Names; a group is there as long as somebody is in it.
    groups       text[]      NOT NULL,
    version      bigint      NOT NULL DEFAULT 1,
    plain_words  text        NOT NULL GENERATED ALWAYS AS (
        plain_text(last_name || ' ' || first_name || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''))) STORED,
    CONSTRAINT contact_reachable CHECK (phone IS NOT NULL OR email IS NOT NULL)
);
CREATE UNIQUE INDEX contact_phone_once ON contact (organisation, phone) WHERE phone IS NOT NULL;
CREATE INDEX contact_in_order ON contact (organisation, id DESC);
CREATE INDEX contact_by_address ON contact (organisation, lower(email)) WHERE phone IS NULL;
CREATE INDEX contact_by_client ON contact (client) WHERE client IS NOT NULL;
SELECT fence_by_organisation('contact');
